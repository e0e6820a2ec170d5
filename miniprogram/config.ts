import type { EnvVersion } from './lib/wx-port';

/**
 * Where the server is, by the version of the mini-program that runs.
 *
 * develop: this machine. For a real phone in the same network run `npm run start:lan` and put the address that it
 * prints here. "Do not check legal domains" must then be on in DevTools (urlCheck in project.private.config.json).
 * trial, release: your own https address, its domain entered as request and socket domain in the mini-program's console.
 */
const SERVERS: Record<EnvVersion, string> = {
  develop: 'http://127.0.0.1:3000',
  trial: 'https://your-domain.example',
  release: 'https://your-domain.example',
};

/** Set it to reach the server through CloudBase Run (wx.cloud.callContainer); the addresses above are then unused. */
const CLOUDBASE: CloudBase | null = null;

export interface CloudBase {
  env: string;
  /** The name of the service in CloudBase Run. */
  service: string;
}

/** How to reach the server, or what is missing to know it. */
export type Server =
  | { kind: 'http'; baseUrl: string; socketUrl: string }
  | ({ kind: 'container' } & CloudBase)
  | { kind: 'unset'; envVersion: EnvVersion };

/** The server of this version of the mini-program. */
export function serverFor(envVersion: EnvVersion): Server {
  return chooseServer(envVersion, SERVERS[envVersion], CLOUDBASE);
}

/** `unset` for the address that the template ships with, and for one that is no http(s) address. */
export function chooseServer(envVersion: EnvVersion, address: string, cloudBase: CloudBase | null): Server {
  if (cloudBase !== null) return { kind: 'container', ...cloudBase };
  const baseUrl = address.replace(/\/+$/, '');
  if (!/^https?:\/\/[^/]+/.test(baseUrl) || baseUrl.endsWith('.example'))
    return { kind: 'unset', envVersion };
  return { kind: 'http', baseUrl, socketUrl: `${baseUrl.replace(/^http/, 'ws')}/api/realtime` };
}
