/** Tables and marked places of a Markdown page. */

/** Rows of cells, the first one the heading; columns are as wide as their widest cell, CJK characters counting two. */
export function table(rows) {
  const widths = rows[0].map((_, n) => Math.max(3, ...rows.map((row) => width(row[n]))));
  const line = (row) => `| ${row.map((cell, n) => cell + ' '.repeat(widths[n] - width(cell))).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head), `| ${widths.map((n) => '-'.repeat(n)).join(' | ')} |`, ...body.map(line)].join('\n');
}

/** Puts `content` between `<!-- bench:name -->` and `<!-- /bench:name -->`. Throws when the page has no such place. */
export function fill(page, name, content) {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no place ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n\n${content}\n\n${page.slice(to)}`;
}

const width = (text) =>
  [...text].reduce(
    (sum, char) =>
      sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(char) ? 2 : 1),
    0,
  );
