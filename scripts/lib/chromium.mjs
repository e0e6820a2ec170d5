import fs from 'node:fs';
import process from 'node:process';
import { inPath, installOnDebian } from './debian.mjs';
import { run } from './run.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const macChrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * The browser of the tests that need one: what TEST_CHROMIUM names, else one of those in PATH (on macOS also Chrome's
 * usual place). With `mayInstall`, as root on a Debian-like system, Debian's chromium, and a Chinese font if there is
 * none: without one every label is a row of boxes of another width. Null when there is no browser.
 */
export async function findChromium({ mayInstall }) {
  const named = process.env.TEST_CHROMIUM;
  if (named) return fs.existsSync(named) ? named : null;
  const found = installed();
  if (!mayInstall) return found;
  const missing = found === null ? ['chromium'] : [];
  if (!(await hasChineseFont())) missing.push('fonts-noto-cjk');
  if (missing.length > 0) await installOnDebian(missing, 'no browser or no Chinese font for the tests');
  return installed();
}

function installed() {
  for (const name of names) {
    const file = inPath(name);
    if (file !== null) return file;
  }
  return process.platform === 'darwin' && fs.existsSync(macChrome) ? macChrome : null;
}

/** Only Linux comes without one; fontconfig tells, and is itself there whenever a browser is. */
async function hasChineseFont() {
  if (process.platform !== 'linux' || inPath('fc-list') === null) return process.platform !== 'linux';
  const { output } = await run('fc-list', [':lang=zh', 'family'], { capture: true });
  return output.trim() !== '';
}
