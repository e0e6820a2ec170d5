import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { hostOf, hostPortOf, isForbiddenAddress, isForbiddenHost } from './address-guard.ts';
import { HttpCallError } from './http-call-error.ts';

/** A name and the TCP and TLS handshakes together may take this long, in ms. */
const CONNECT_TIMEOUT_MS = 10_000;

/** `dns.lookup` with `all: true`. */
export type AllLookup = (
  hostname: string,
  options: { all: true },
  callback: (error: Error | null, addresses: { address: string; family: number }[]) => void,
) => void;

export interface GuardedConnectDeps {
  /** Exempt pairs, as `parseAllowHosts` gives them. */
  allowed: ReadonlySet<string>;
  /** The server's own addresses and names at this moment. */
  ownAddresses: () => readonly string[];
  /** Default: the system's. */
  lookup?: AllLookup;
  /** Makes the connector that dials. Default: undici's. */
  build?: (options: { lookup: LookupFunction; timeout: number }) => buildConnector.connector;
}

/**
 * A connector for undici that checks three times, because no one place sees everything: the literal host (`lookup` is
 * never called for an IP address), each address that a name resolves to (the very list that is then dialled, so there
 * is no second resolution to answer otherwise), and the address that the socket says it reached.
 */
export function createGuardedConnect(deps: GuardedConnectDeps): buildConnector.connector {
  const { allowed, ownAddresses, lookup = systemLookup as AllLookup, build = buildConnector } = deps;
  const dial = build({ lookup: checkedLookup(lookup, ownAddresses), timeout: CONNECT_TIMEOUT_MS });
  const dialAllowed = build({ lookup: plainLookup(lookup), timeout: CONNECT_TIMEOUT_MS });

  return (options, callback) => {
    if (allowed.has(hostPortOf(options.protocol, options.hostname, options.port))) {
      dialAllowed(options, callback);
      return;
    }
    if (isForbiddenHost(hostOf(options.hostname), ownAddresses())) {
      callback(forbidden(), null);
      return;
    }
    dial(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
      } else if (isForbiddenAddress(socket.remoteAddress ?? '', ownAddresses())) {
        socket.destroy();
        callback(forbidden(), null);
      } else {
        callback(null, socket);
      }
    });
  };
}

/** The error of every refused address; it does not repeat what a name resolved to. */
function forbidden(): HttpCallError {
  return new HttpCallError(
    'HTTP_ADDRESS_FORBIDDEN',
    'the address is loopback, private, link-local, metadata or the server itself',
  );
}

/** One forbidden address among several refuses the name: a half-private name is an attack or a mistake. */
function checkedLookup(lookup: AllLookup, ownAddresses: () => readonly string[]): LookupFunction {
  return plainLookup((hostname, options, callback) => {
    lookup(hostname, options, (error, addresses) => {
      if (error) return callback(error, []);
      const copies = addresses.map(({ address, family }) => ({ address, family }));
      const own = ownAddresses();
      if (copies.some(({ address }) => isForbiddenAddress(address, own))) return callback(forbidden(), []);
      callback(null, copies);
    });
  });
}

/** Answers in the shape that was asked for: a list, or the first address alone. */
function plainLookup(lookup: AllLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const first = addresses[0];
      if (error || first === undefined) {
        const absent = Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' });
        callback(error ?? absent, '', 0);
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
