// Reads a JSON list of Mermaid texts from stdin, and writes what mermaid makes of each:
// {"direction", "title", "states": {id: [its lines]}, "parents": {id: the one around it}, "styles":
// {id: [...]}, "arrows": [[source, target, label]]}, or {"error"}. The labels are those of the finished SVG, as a reader sees them.
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
  const groups = [...picture.querySelectorAll('g.node, g.statediagram-cluster')];
  const states = {};
  const styles = {};
  const parents = {};
  for (const node of nodes) {
    const group = groups.find(({ id }) => id.endsWith(node.domId));
    states[node.id] = [...group.querySelectorAll('.nodeLabel')].map(textOf);
    parents[node.id] = node.parentId ?? null;
    styles[node.id] = node.cssCompiledStyles ?? [];
  }
  const labels = {};
  for (const label of picture.querySelectorAll('.edgeLabel > g.label')) {
    labels[label.dataset.id] = textOf(label);
  }
  const arrows = edges.map(({ id, start, end }) => [start, end, labels[id]]);
  const title = picture.querySelector('.statediagramTitleText')?.textContent ?? null;
  return { direction, title, states, parents, styles, arrows };
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
