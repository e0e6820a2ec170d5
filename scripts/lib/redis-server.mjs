import { inPath, installOnDebian } from './debian.mjs';

/** A redis-server from PATH; as root on a Debian-like system without one, Debian's own package. Null if neither. */
export async function findRedisServer() {
  const found = inPath('redis-server');
  if (found !== null) return found;
  return (await installOnDebian(['redis-server'], 'no redis-server in PATH')) ? inPath('redis-server') : null;
}
