/** The mini-program in a browser, at `/preview/`: the files that preview/ has built. For development only. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { HttpMiddleware } from '../state.ts';

const PREFIX = '/preview/';

/** Folder by folder, plain names only: nothing that leads out, no hidden file, no encoded character. */
const PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  map: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  woff: 'font/woff',
};

// The phone is a frame of the same origin. Styles are set from scripts; avatars may come from anywhere.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Serves `folder` unless in production, and leaves every other path, and what the folder does not hold, to the next. Browsers ask each
 * time whether a file has changed (ETag). Must stand after `securityHeaders`, some of which it relaxes for its pages.
 */
export function preview({ production }: Pick<Config, 'production'>, folder: string): HttpMiddleware {
  if (production) return (_ctx, next) => next();
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    // Whoever opens the server's bare address wants to see something.
    if (ctx.path === '/preview' || ctx.path === '/') return ctx.redirect(PREFIX);
    const file = fileOf(ctx.path);
    if (file === null) return next();
    const found = await stat(join(folder, file.path)).catch(() => null);
    if (found === null || !found.isFile()) return next();
    ctx.state.route = PREFIX;
    ctx.status = 200;
    ctx.type = file.type;
    ctx.set('ETag', `"${Math.round(found.mtimeMs)}-${found.size}"`);
    ctx.set('Cache-Control', 'no-cache');
    ctx.set('Content-Security-Policy', POLICY);
    ctx.set('X-Frame-Options', 'SAMEORIGIN');
    if (ctx.fresh) ctx.status = 304;
    // At once: a stream that a browser leaves halfway would be logged as a failed answer.
    else ctx.body = await readFile(join(folder, file.path));
  };
}

function fileOf(requested: string): { path: string; type: string } | null {
  if (!requested.startsWith(PREFIX)) return null;
  const path = requested.slice(PREFIX.length) || 'index.html';
  const type = PATH.test(path) ? TYPES[path.slice(path.lastIndexOf('.') + 1)] : undefined;
  return type === undefined ? null : { path, type };
}
