import { lineAt } from './mini-program.ts';

export interface WxmlAttribute {
  name: string;
  /** As written; empty for an attribute without a value. */
  value: string;
  line: number;
}

export interface WxmlElement {
  tag: string;
  line: number;
  attributes: WxmlAttribute[];
}

/**
 * All opening tags in the order of the text. No judge of syntax (WeChat's own compiler is): it reads past comments, the
 * code inside `<wxs>` and `{{ }}` in text, where `<` is no tag.
 */
export function elementsOf(text: string): WxmlElement[] {
  const elements: WxmlElement[] = [];
  const token = /<!--[\s\S]*?-->|\{\{[\s\S]*?\}\}|<([a-zA-Z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, tag, inner] = match;
    if (tag === undefined) continue;
    const start = match.index + 1 + tag.length;
    elements.push({
      tag,
      line: lineAt(text, match.index),
      attributes: attributesOf(text, start, inner ?? ''),
    });
    if (tag === 'wxs' && !whole.endsWith('/>')) {
      const end = text.indexOf('</wxs>', token.lastIndex);
      token.lastIndex = end === -1 ? text.length : end;
    }
  }
  return elements;
}

function attributesOf(text: string, start: number, inner: string): WxmlAttribute[] {
  return [...inner.matchAll(/([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g)].map((match) => ({
    name: match[1] as string,
    value: match[2] ?? match[3] ?? '',
    line: lineAt(text, start + match.index),
  }));
}

/** Value of an attribute, or null when the element has none of that name. */
export function attribute(element: WxmlElement, name: string): WxmlAttribute | null {
  return element.attributes.find((one) => one.name === name) ?? null;
}

/** Tags of the base library with the WebView renderer (developers.weixin.qq.com, 组件) and those of the language itself. */
export const builtInTags: ReadonlySet<string> = new Set(
  `ad ad-custom audio block button camera canvas channel-live channel-video checkbox checkbox-group cover-image
  cover-view editor form functional-page-navigator icon image import include input keyboard-accessory label live-player
  live-pusher map match-media movable-area movable-view navigation-bar navigator official-account open-data page-container
  page-meta picker picker-view picker-view-column progress radio radio-group rich-text root-portal scroll-view
  share-element slider slot store-home store-product swiper swiper-item switch template text textarea video view voip-room
  web-view wxs`.split(/\s+/),
);
