// Compiles the mini-program with WeChat's own compiler and says what would be uploaded. See README.md.
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { missingModules } from './missing-modules.mjs';

/** WeChat refuses a main package above this. */
const mostBytes = 2 * 1024 * 1024;

const root = fileURLToPath(new URL('..', import.meta.url));
const print = console.log;
// The compiler tells what it does, from its import on, where the figures are to be seen.
console.log = () => {};
const { default: ci } = await import('miniprogram-ci');
// What WeChat would answer about an appid's rights. Not documented: the version in package.json is exact for it.
const { default: attributes } = await import('miniprogram-ci/dist/config/config.js');

try {
  process.exitCode = report(await compile());
} catch (error) {
  print(`mp:check: ${error.message ?? error} (code ${error.code ?? 'none'})`);
  process.exitCode = 1;
}
// The compiler keeps worker processes for a next time.
process.exit();

/** Every file that would be uploaded, by its path, as text or bytes. */
async function compile() {
  const project = new ci.Project({
    appid: 'touristappid',
    type: 'miniProgram',
    projectPath: root,
    // Signs uploads; nothing is uploaded.
    privateKey: 'unused',
    ignores: ['node_modules/**/*'],
    attr: async () => attributes.DefaultProjectAttr,
  });
  // With ignoreUploadUnusedFiles the compiler reads this field and does not ask attr().
  project._attr = attributes.DefaultProjectAttr;
  const options = {
    project,
    version: '0.0.0',
    desc: '',
    setting: { useProjectConfig: true },
    onProgressUpdate() {},
  };
  return ci.getCompiledResult(options, path.join(os.tmpdir(), `zhundian-mp-check-${process.pid}.zip`));
}

function report(files) {
  const names = Object.keys(files);
  const bytes = names.reduce((sum, name) => sum + Buffer.byteLength(files[name]), 0);
  const missing = missingModules(files);
  print(JSON.stringify({ files: names.length, bytes, missing }));
  if (names.length === 0) print('mp:check: the compiler made nothing');
  for (const line of missing) print(`mp:check: ${line}`);
  if (bytes > mostBytes) print(`mp:check: ${bytes} bytes are more than the ${mostBytes} that WeChat takes`);
  return names.length > 0 && missing.length === 0 && bytes <= mostBytes ? 0 : 1;
}
