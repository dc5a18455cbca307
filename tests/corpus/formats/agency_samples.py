"""Items of an invented agency in the shapes of IPTC's formats."""

from __future__ import annotations

import json

TEXT = "The night ferry to Orkney carried 212 passengers on its last crossing on Monday."
MORE = "Its owner, Northern Lines, said that a new ship would cost 40 million pounds."
GUID = "urn:newsml:northwire.example:20201027:ferry-1"


def news_item(
    guid: str = GUID,
    version: int = 1,
    status: str = "stat:usable",
    text: str = TEXT,
    embargo: str | None = None,
    signal: str = "",
    content: str = "",
) -> str:
    """Return a newsItem of NewsML-G2 with inline XHTML, or with other `content`."""
    held = "" if embargo is None else f"<embargoed>{embargo}</embargoed>"
    marked = f'<signal qcode="{signal}"/>' if signal else ""
    content = content or (
        '<inlineXML contenttype="application/xhtml+xml">'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Slug ferry</title></head>'
        f"<body><p>KIRKWALL (Northwire) – {text}</p>\n<p>{MORE}</p></body></html></inlineXML>"
    )
    return f"""\
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="{version}"
    standard="NewsML-G2" standardversion="2.29" conformance="power" xml:lang="en-GB">
  <catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_38.xml"/>
  <rightsInfo><copyrightHolder literal="Northwire"/></rightsInfo>
  <itemMeta>
    <itemClass qcode="ninat:text"/>
    <provider qcode="nprov:NW"><name>Northwire</name></provider>
    <versionCreated>2020-10-28T09:00:00Z</versionCreated>
    <firstCreated>2020-10-27T08:00:00Z</firstCreated>
    {held}
    <pubStatus qcode="{status}"/>
    {marked}
  </itemMeta>
  <contentMeta>
    <urgency>4</urgency>
    <contentCreated>2020-10-27T07:30:00+00:00</contentCreated>
    <creditline>NW</creditline>
    <headline>Last ferry to Orkney</headline>
  </contentMeta>
  <contentSet>{content}</contentSet>
</newsItem>"""


def news_message(*items: str) -> str:
    """Return a newsMessage with some items."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header>'
        "<sent>2020-10-28T09:00:01Z</sent></header>"
        f"<itemSet>{''.join(items)}</itemSet></newsMessage>"
    )


DOCTYPE = '<!DOCTYPE nitf SYSTEM "http://127.0.0.1:9/nitf-3-6.dtd">'


def nitf(
    doc_id: str = "ferry-1",
    version: int = 1,
    status: str = "usable",
    text: str = TEXT,
    release: str = "",
    extra: str = "",
    about: str = "",
) -> str:
    """Return a NITF document; `about` are attributes of its docdata, `extra` stands in it."""
    held = f'<date.release norm="{release}"/>' if release else ""
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
{DOCTYPE}
<nitf version="-//IPTC//DTD NITF 3.6//EN">
  <head><title>Slug ferry</title>
    <docdata management-status="{status}" {about}>
      <doc-id regsrc="NW" id-string="{doc_id}"/>
      <du-key key="FERRY" version="{version}"/>
      <date.issue norm="20201027T080000Z"/>{held}{extra}
      <doc.copyright holder="Northwire" year="2020"/>
    </docdata>
  </head>
  <body>
    <body.head>
      <hedline><hl1>Last ferry to Orkney</hl1><hl2>A line of 160 years ends</hl2></hedline>
      <byline>By Ann Bell</byline><dateline><location>KIRKWALL</location></dateline>
    </body.head>
    <body.content>
      <block><p lede="true">{text}</p><p>Its owner, <org>Northern Lines</org>,
        said that a new ship would cost <money>40&nbsp;million</money> pounds.</p></block>
      <media media-type="image"><media-reference source="ferry.jpg"/>
        <media-caption>The ferry.</media-caption></media>
      <table><tr><th>Year</th><th>Passengers</th></tr><tr><td>2019</td><td>9,000</td></tr></table>
    </body.content>
    <body.end><tagline>Northwire</tagline></body.end>
  </body>
</nitf>"""


def ninjs(uri: str = GUID, version: int = 1, status: str = "usable", **fields: object) -> str:
    """Return a ninjs object of version 1."""
    record = {
        "uri": uri,
        "type": "text",
        "version": str(version),
        "versioncreated": "2020-10-28T09:00:00Z",
        "pubstatus": status,
        "urgency": 4,
        "byline": "Ann Bell",
        "copyrightholder": "Northwire",
        "headline": "Last ferry to Orkney",
        "body_xhtml": f"<div><p>{TEXT}</p><p>{MORE}</p></div>",
        "contentcreated": "2020-10-27T07:30:00Z",
    }
    return json.dumps(record | fields)
