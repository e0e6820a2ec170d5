import { builtin } from './define-builtin.ts';

interface RichNode {
  type?: string;
  text?: string;
  name?: string;
  attrs?: Record<string, string>;
  children?: RichNode[];
}

/** The attributes that WeChat lets pass on the tags below; nothing else of the given HTML reaches the page. */
const attributes = ['class', 'style'];
const tags = new Set(['b', 'br', 'code', 'div', 'em', 'i', 'li', 'ol', 'p', 'span', 'strong', 'u', 'ul']);

export const richText = builtin({
  defaults: { nodes: null },
  attach({ element, data }) {
    return () => {
      const { nodes } = data;
      const given = typeof nodes === 'string' ? parse(nodes) : Array.isArray(nodes) ? nodes : [];
      element.replaceChildren(...given.map(render));
    };
  },
});

function render(node: RichNode): Node {
  if (node.type === 'text') return document.createTextNode(node.text ?? '');
  const name = node.name?.toLowerCase() ?? '';
  const element = document.createElement(tags.has(name) ? name : 'span');
  for (const attribute of attributes) {
    const value = node.attrs?.[attribute];
    if (value !== undefined) element.setAttribute(attribute, value);
  }
  element.append(...(node.children ?? []).map(render));
  return element;
}

function parse(html: string): RichNode[] {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  return [...body.childNodes].flatMap(fromDom);
}

function fromDom(node: Node): RichNode[] {
  if (node instanceof Text) return [{ type: 'text', text: node.data }];
  if (!(node instanceof Element)) return [];
  const attrs = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
  return [{ name: node.localName, attrs, children: [...node.childNodes].flatMap(fromDom) }];
}
