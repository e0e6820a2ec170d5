import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { iconFont } from './icons.mjs';

const shell = fileURLToPath(new URL('../shell/', import.meta.url));
const IMAGE = /\.(png|jpe?g|gif|svg|webp)$/;

/** Writes what is neither script nor sheet: the frame, the phone's page, the icon font, the mini-program's images. */
export function writePages(root, out) {
  for (const name of ['index.html', 'phone.html', 'frame.css', 'phone.css', 'built-ins.css'])
    copy(path.join(shell, name), path.join(out, name));
  copy(fileURLToPath(iconFont), path.join(out, 't.woff'));
  for (const file of imagesIn(root)) copy(path.join(root, file), path.join(out, 'app', file));
}

/** In place of the phone, what is wrong: whoever opens the preview sees it without looking at the terminal. */
export function writeProblems(out, problems) {
  const items = problems.map((problem) => `<li>${escapeHtml(problem)}</li>`).join('\n');
  fs.writeFileSync(
    path.join(out, 'phone.html'),
    `<!doctype html>\n<meta charset="utf-8">\n<title>准点</title>\n<h1>The mini-program cannot be shown</h1>\n<ul>\n${items}\n</ul>\n`,
  );
}

function imagesIn(root) {
  return fs
    .readdirSync(root, { recursive: true })
    .filter((file) => IMAGE.test(file) && !/(^|[\\/])(miniprogram_npm|node_modules)[\\/]/.test(file));
}

function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
