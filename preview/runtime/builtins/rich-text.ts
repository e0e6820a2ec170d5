import { builtin } from './define-builtin.ts';

/** What WeChat lets pass; nothing else of the given HTML reaches the page. */
const tags = new Set(['b', 'br', 'code', 'div', 'em', 'i', 'li', 'ol', 'p', 'span', 'strong', 'u', 'ul']);
const attributes = new Set(['class', 'style']);

/** HTML as a text; the list of nodes that WeChat takes as well is not imitated. */
export const richText = builtin({
  defaults: { nodes: '' },
  attach({ element, data }) {
    return () => {
      const { body } = new DOMParser().parseFromString(data.nodes, 'text/html');
      element.replaceChildren(...[...body.childNodes].flatMap(harmless));
    };
  },
});

/** A copy without what could run or load. */
function harmless(node: Node): Node[] {
  if (node instanceof Text) return [document.createTextNode(node.data)];
  if (!(node instanceof Element)) return [];
  const copy = document.createElement(tags.has(node.localName) ? node.localName : 'span');
  for (const { name, value } of node.attributes) if (attributes.has(name)) copy.setAttribute(name, value);
  copy.append(...[...node.childNodes].flatMap(harmless));
  return [copy];
}
