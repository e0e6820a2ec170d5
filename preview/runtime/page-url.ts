export interface PageUrl {
  path: string;
  /** Its parameters as `onLoad` gets them: not decoded, as in WeChat. */
  query: Record<string, string>;
  /** Both, as in the address of the preview: `/pages/a/a?x=1`. */
  href: string;
}

/** Reads `/pages/a/a?x=1`, or `../b/b` as seen from the page `from`. */
export function parsePageUrl(url: string, from = ''): PageUrl {
  const [written = '', search = ''] = url.split('?', 2);
  const { pathname } = new URL(written, `http://phone/${from}`);
  const pairs = search.split('&').filter(Boolean);
  // Of `a=b=c` the value is `b=c`.
  const query = Object.fromEntries(pairs.map((pair) => (/^([^=]*)=?(.*)$/.exec(pair) ?? []).slice(1)));
  return { path: pathname.slice(1), query, href: search === '' ? pathname : `${pathname}?${search}` };
}
