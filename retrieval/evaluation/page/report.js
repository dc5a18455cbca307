"use strict";
(() => {
  const form = document.getElementById("filter");
  const cards = [...document.querySelectorAll(".card")];
  const { outcome, kind, text, open } = form.elements;
  const count = form.querySelector("output");
  const words = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));

  const outcomeFits = (card) => {
    switch (outcome.value) {
      case "": return true;
      case "not right": return card.dataset.outcome !== "right";
      case "turned wrong": return card.dataset.turned === "wrong";
      case "turned right": return card.dataset.turned === "right";
      default: return card.dataset.outcome === outcome.value;
    }
  };

  const apply = () => {
    const wanted = text.value.trim().toLowerCase();
    for (const card of cards) {
      card.hidden = !(outcomeFits(card)
        && (!kind.value || card.dataset.kind === kind.value)
        && (!wanted || words.get(card).includes(wanted)));
    }
    const shown = cards.filter((card) => !card.hidden).length;
    count.textContent = `${shown} of ${cards.length} questions`;
  };

  const follow = () => {
    const card = document.getElementById(location.hash.slice(1));
    if (!card?.classList.contains("card")) return;
    outcome.value = kind.value = text.value = "";
    apply();
    card.querySelector("details").open = true;
    card.scrollIntoView();
  };

  open.addEventListener("click", () => {
    const opening = open.textContent === "Open all";
    for (const card of cards) {
      if (!card.hidden) card.querySelector("details").open = opening;
    }
    open.textContent = opening ? "Close all" : "Open all";
  });
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", follow);
  form.hidden = false;
  if (cards.every((card) => card.dataset.outcome === "right")) outcome.value = "";
  apply();
  follow();
})();
