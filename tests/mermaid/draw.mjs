// Reads a JSON list of Mermaid texts from stdin, and writes what mermaid makes of each:
// {"direction", "title", "states": {id: [its lines]}, "styles": {id: [...]}, "arrows": [[source,
// target, label]]}, or {"error"}. The labels are those of the finished SVG, as a reader sees them.
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
globalThis.CSSStyleSheet = window.CSSStyleSheet;
// jsdom measures nothing, and mermaid needs some size to lay out its boxes.
window.SVGElement.prototype.getBBox = () => ({ x: 0, y: 0, width: 80, height: 20 });

const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', logLevel: 'fatal' });

function textOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll('br').forEach((lineBreak) => lineBreak.replaceWith('\n'));
  return copy.textContent;
}

async function drawn(text, number) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { nodes, edges, direction } = db.getData();
  const { svg } = await mermaid.render(`diagram${number}`, text);
  const picture = window.document.createElement('div');
  picture.innerHTML = svg;
  const groups = [...picture.querySelectorAll('g.node')];
  const states = {};
  const styles = {};
  for (const node of nodes) {
    const group = groups.find(({ id }) => id.endsWith(node.domId));
    states[node.id] = [...group.querySelectorAll('.nodeLabel')].map(textOf);
    styles[node.id] = node.cssCompiledStyles ?? [];
  }
  const labels = [...picture.querySelectorAll('.edgeLabels span.edgeLabel')].map(textOf);
  const arrows = edges.map(({ start, end }, position) => [start, end, labels[position]]);
  const title = picture.querySelector('.statediagramTitleText')?.textContent ?? null;
  return { direction, title, states, styles, arrows };
}

const results = [];
for (const [number, text] of JSON.parse(readFileSync(0, 'utf8')).entries()) {
  try {
    results.push(await drawn(text, number));
  } catch (error) {
    results.push({ error: error.message });
  }
}
process.stdout.write(JSON.stringify(results));
