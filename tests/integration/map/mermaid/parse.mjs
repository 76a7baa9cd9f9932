// Reads a JSON list of Mermaid texts from standard input; writes for each what Mermaid's own parser makes of it.
// It runs where its libraries lie, and finds a document there: labels are sanitized while they are parsed.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document, Element: window.Element });
const { default: mermaid } = await import("mermaid");

// How Mermaid keeps entity codes until it draws.
const shown = (text) =>
  text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code))).replace(/ﬂ°(\w+)¶ß/g, "&$1;");

async function read(text) {
  try {
    const { diagramType } = await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    return {
      type: diagramType,
      nodes: Object.fromEntries([...db.getVertices()].map(([id, node]) => [id, shown(node.text)])),
      edges: db.getEdges().map((edge) => [edge.start, edge.end, shown(edge.text ?? "")]),
      frames: db.getSubGraphs().map((frame) => [frame.id, shown(frame.title), [...frame.nodes].sort()]),
    };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) found.push(await read(text));
process.stdout.write(JSON.stringify(found));
