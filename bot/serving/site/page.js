// Asks without leaving the page, and opens sources beside the answer. Text is put into the page as
// text; what is more than text is taken from the server's own pages, which stand without this too.
"use strict";

const at = (id) => document.getElementById(id);
const form = at("ask"), conversation = at("conversation"), beside = at("beside");

let shown = location.search; // the question that the page shows
let running = null; // stops the answer that is being written
let opener = null; // the link whose article is open

function page(address, method = "GET", body = null) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = "document";
    request.onload = () => {
      if (request.status === 401) location.assign("/login");
      if (request.response) resolve(request.response);
      else reject(new Error(`The server answered with ${request.status}.`));
    };
    request.onerror = () => reject(new Error("The server cannot be reached."));
    request.send(body);
  });
}

function made(tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = name;
  return element;
}

function tell(text) {
  at("status").append(made("span", text + " "));
}

function fail(text) {
  at("error").textContent = text;
  at("error").hidden = !text;
}

async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield* parts.map((line) => JSON.parse(line));
  }
  if (rest) yield JSON.parse(rest); // an error of the server's, which is no stream
}

async function ask(query) {
  const question = form.elements.q.value.trim();
  const section = made("section", "", "exchange");
  const answer = made("p", "", "answer growing");
  section.append(made("h2", question), answer);
  section.querySelectorAll("*").forEach((part) => (part.dir = "auto"));
  conversation.append(section);
  section.scrollIntoView({ block: "start" });
  at("status").replaceChildren();
  form.elements.q.value = "";
  fail("");
  tell("Reading the archive…");
  running = new AbortController();
  at("send").hidden = true;
  at("stop").hidden = false;
  try {
    const response = await fetch(`/ask?${query}`, { signal: running.signal });
    if (response.status === 401) location.assign("/login");
    let said = "", ended = false;
    for await (const line of lines(response)) {
      if (line.text) { // the answer has grown by it
        said += line.text;
        answer.append(line.text);
        tell(line.text);
      } else if (line.answer) {
        await finish(section, line.answer, query, said);
        ended = true;
      } else {
        throw new Error(line.error.message);
      }
    }
    if (!ended) throw new Error("The answer broke off.");
  } catch (error) {
    section.remove();
    fail(error.name === "AbortError" ? "Stopped." : error.message);
    form.elements.q.value ||= question;
    form.elements.q.focus();
  } finally {
    running = null;
    at("send").hidden = false;
    at("stop").hidden = true;
  }
}

// The server's page has the answer with its links.
async function finish(section, id, query, said) {
  const whole = await page(`/?after=${encodeURIComponent(id)}`);
  const answered = document.adoptNode(whole.getElementById(`x-${id}`));
  section.replaceWith(answered);
  document.title = whole.title;
  form.querySelector("label").textContent = whole.querySelector("#ask label").textContent;
  const text = answered.querySelector(".answer").textContent.trim();
  tell(text.startsWith(said.trim()) ? text.slice(said.trim().length) : text);
  answered.querySelectorAll(".notice").forEach((notice) => tell(notice.textContent));
  document.querySelectorAll(".welcome").forEach((hint) => hint.remove());
  form.elements.after.value = id;
  shown = `?${query}`;
  history.pushState(null, "", `/${shown}`);
}

async function open(link) {
  const whole = await page(link.href);
  const article = whole.getElementById("article");
  if (!article) {
    location.assign(link.href);
    return;
  }
  const wasOpen = document.body.classList.contains("reading");
  show(document.adoptNode(article));
  if (!beside.contains(link)) choose(link);
  if (!wasOpen) history.pushState(null, "", "#article");
}

function choose(link) {
  document.querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
  link.classList.add("chosen");
  opener = link;
}

function show(article) {
  beside.replaceChildren(article);
  document.body.classList.add("reading");
  article.focus({ preventScroll: true });
  const quote = at("quote");
  if (getComputedStyle(beside).overflowY !== "auto") {
    (quote || article).scrollIntoView({ block: quote ? "center" : "start" });
  } else if (quote) {
    const middle = beside.getBoundingClientRect().top + beside.clientHeight / 3;
    beside.scrollTop += quote.getBoundingClientRect().top - middle;
  }
}

function close() {
  beside.replaceChildren();
  document.body.classList.remove("reading");
  document.querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
  if (opener && opener.isConnected) opener.focus();
  else form.elements.q.focus();
  opener = null;
}

// Where the article was opened here, going back closes it; else there is nothing to go back to.
function leave() {
  if (location.hash === "#article" && opener) history.back();
  else close();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running || !form.elements.q.value.trim()) return;
  ask(new URLSearchParams(new FormData(form)).toString());
});

const filters = [...at("filters").querySelectorAll("input")];

at("filters").addEventListener("input", () => {
  at("unfiltered").hidden = !filters.some((field) => field.value);
});

at("unfiltered").addEventListener("click", (event) => {
  event.preventDefault();
  filters.forEach((field) => (field.value = ""));
  at("unfiltered").hidden = true;
  form.elements.q.focus();
});

at("stop").addEventListener("click", () => running && running.abort());

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.opens");
  const closes = event.target.closest("#close");
  if (!(link || closes) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (closes) leave();
  else open(link).catch((error) => fail(error.message));
});

document.addEventListener("submit", async (event) => {
  if (!event.target.matches(".rating")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, event.submitter));
  const verdict = event.submitter.value;
  try {
    const whole = await page("/feedback", "POST", body);
    const rated = whole.getElementById(event.target.closest(".exchange").id);
    if (!rated) throw new Error(whole.getElementById("error").textContent);
    event.target.replaceChildren(...document.adoptNode(rated.querySelector(".rating")).children);
    event.target.querySelector(`[value="${verdict}"]`).focus();
  } catch (error) {
    fail(error.message);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("reading")) leave();
});

addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
  else if (location.hash !== "#article" && document.body.classList.contains("reading")) close();
});

if (at("article")) show(at("article"));
