// What `npm install`, `pnpm install` and `cnpm install` run last. An install never fails for it: `npm start` and
// `npm test` do the same again, and there it counts.
import process from 'node:process';
import { copyTdesign } from './lib/copy-tdesign.mjs';
import { say } from './lib/run.mjs';

try {
  if (copyTdesign() === 'placed') say('TDesign is in place: miniprogram/ can be opened in WeChat DevTools');
} catch (error) {
  say(`TDesign could not be copied into miniprogram/miniprogram_npm: ${error.message}`);
}
process.exitCode = 0;
