import type { SourceFile } from 'typescript/unstable/ast';
import type { Finding } from './mini-program.ts';
import { globalsRead } from './syntax.ts';

/** The one script that may touch WeChat itself; all others are given what they need, so tests can drive them. */
const wechatFile = 'lib/wx.ts';

/** Of browsers and of Node: the preview and the tests have them, the phone has not. */
const absent = new Set(
  `AbortController Blob Buffer CustomEvent DOMParser Event EventSource FormData Headers Image MutationObserver Request
  Response TextDecoder TextEncoder URL URLSearchParams WebSocket XMLHttpRequest __dirname __filename alert atob btoa
  crypto document fetch global globalThis history indexedDB localStorage location navigator performance process
  queueMicrotask self sessionStorage setImmediate structuredClone window`.split(/\s+/),
);

/** Globals that a phone does not have, and `wx` anywhere but in its own file. */
export function checkGlobals(trees: ReadonlyMap<string, SourceFile>): Finding[] {
  return [...trees].flatMap(([file, tree]) => [
    ...globalsRead(tree, absent).map(({ name, line }) => ({
      file,
      line,
      problem: `${name} does not exist in a mini-program`,
    })),
    ...(file === wechatFile ? [] : globalsRead(tree, new Set(['wx']))).map(({ line }) => ({
      file,
      line,
      problem: `only ${wechatFile} touches wx`,
    })),
  ]);
}
