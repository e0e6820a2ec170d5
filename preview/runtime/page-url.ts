/** A page's path and its parameters, as `onLoad` gets them: not decoded, as in WeChat. */
export interface PageUrl {
  path: string;
  query: Record<string, string>;
}

/** Reads `/pages/a/a?x=1`, or `../b/b` as seen from the page `from`. */
export function parsePageUrl(url: string, from = ''): PageUrl {
  const [written = '', search = ''] = url.split('?', 2);
  const path = new URL(written, `http://phone/${from}`).pathname.slice(1);
  const pairs = search
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  return { path, query: Object.fromEntries(pairs) };
}

/** The inverse, without the leading slash. */
export function formatPageUrl({ path, query }: PageUrl): string {
  const search = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return search.length === 0 ? path : `${path}?${search.join('&')}`;
}
