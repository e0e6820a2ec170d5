/**
 * Where an outgoing call may go: public unicast addresses only, so that a task is no way into the server's own
 * network (https://owasp.org/www-community/attacks/Server_Side_Request_Forgery). Pure; nothing here resolves a name.
 */
import ipaddr from 'ipaddr.js';

export interface Words {
  zh: string;
  en: string;
}

export interface UrlProblem {
  code: 'ADDRESS_FORBIDDEN';
  message: Words;
}

/** A URL longer than this is refused. */
const MAX_URL_LENGTH = 2048;

// Public by its range, yet answers for the machine itself: Azure's wire server.
const DENIED_ADDRESSES = new Set(['168.63.129.16']);
// Names that only ever mean the machine, its own network or its cloud's metadata (RFC 6761, RFC 6762, ICANN on
// .internal; 169.254.0.23 and 100.100.100.200 are behind some of them and fall by their range).
const DENIED_NAMES = ['localhost', 'localdomain', 'local', 'internal', 'metadata', 'metadata.tencentyun.com'];
// ipaddr.js calls everything it does not know unicast, `::7f00:1` (IPv4-compatible loopback) and 4000::1 included;
// global unicast is 2000::/3 (RFC 4291, IANA).
const GLOBAL_UNICAST_V6 = ipaddr.parseCIDR('2000::/3');

/** Whether an IP address in text form is one that no call may reach. What is not an IP address is forbidden too. */
export function isForbiddenAddress(address: string, ownAddresses: readonly string[] = []): boolean {
  const ip = parseAddress(address);
  if (ip === null || ip.range() !== 'unicast') return true;
  if (ip.kind() === 'ipv6' && !ip.match(GLOBAL_UNICAST_V6)) return true;
  const text = ip.toString();
  return DENIED_ADDRESSES.has(text) || ownAddresses.some((own) => parseAddress(own)?.toString() === text);
}

/** Whether a host as `hostOf` gives it, name or literal address, is forbidden before anything is resolved. */
export function isForbiddenHost(host: string, ownAddresses: readonly string[] = []): boolean {
  if (host === '') return true;
  if (parseAddress(host) !== null) return isForbiddenAddress(host, ownAddresses);
  if (DENIED_NAMES.some((name) => host === name || host.endsWith(`.${name}`))) return true;
  return ownAddresses.some((own) => own.toLowerCase() === host);
}

/** A URL's or socket option's host without brackets and trailing dots, in lower case. */
export function hostOf(hostname: string): string {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return bare.toLowerCase().replace(/\.+$/, '');
}

/** `host:port` with the port that the scheme implies when none is written: the form of `allowHosts`. */
export function hostPortOf(protocol: string, hostname: string, port: string): string {
  return `${hostOf(hostname)}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/**
 * The exact `host:port` pairs that are exempt, in the form of `hostPortOf`; `[::1]:3000` for IPv6.
 * @throws TypeError when an entry is not such a pair
 */
export function parseAllowHosts(entries: readonly string[]): ReadonlySet<string> {
  return new Set(
    entries.map((entry) => {
      const port = /:(\d{1,5})$/.exec(entry)?.[1];
      const url = parseUrl(`http://${entry}/`);
      if (port === undefined || url === null || url.username !== '' || url.pathname !== '/') {
        throw new TypeError(`"${entry}" is not host:port`);
      }
      return hostPortOf('http:', url.hostname, url.port);
    }),
  );
}

/**
 * What speaks against calling a URL, as far as its text tells; null when nothing does. For the moment a task is
 * created; names are checked again, with what they resolve to, when the call is made.
 */
export function checkUrl(
  url: string,
  allowHosts: readonly string[] | ReadonlySet<string>,
  ownAddresses: readonly string[] = [],
): UrlProblem | null {
  if (url.length > MAX_URL_LENGTH) {
    return refuse(
      `网址不能超过 ${MAX_URL_LENGTH} 个字符`,
      `the URL is longer than ${MAX_URL_LENGTH} characters`,
    );
  }
  const parsed = parseUrl(url);
  if (parsed === null) return refuse('网址格式不正确', 'the URL is not valid');
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    return refuse('只支持 http 和 https 网址', 'only http and https URLs are allowed');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return refuse('网址中不能包含用户名或密码', 'the URL must not carry a user name or password');
  }
  const allowed = allowHosts instanceof Set ? allowHosts : parseAllowHosts([...allowHosts]);
  if (allowed.has(hostPortOf(parsed.protocol, parsed.hostname, parsed.port))) return null;
  if (!isForbiddenHost(hostOf(parsed.hostname), ownAddresses)) return null;
  return refuse(
    '不能访问本机、内网、元数据服务或服务器自身的地址',
    'loopback, private, link-local, metadata and the server’s own addresses cannot be called',
  );
}

/** `URL.parse` without needing Node 22. */
export function parseUrl(text: string, base?: URL): URL | null {
  return URL.canParse(text, base?.href) ? new URL(text, base) : null;
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // `process` turns ::ffff:7f00:1 into 127.0.0.1, and reads 0x7f.1 and its like as the system's resolver would.
  const bare = text.split('%', 1)[0]!;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

function refuse(zh: string, en: string): UrlProblem {
  return { code: 'ADDRESS_FORBIDDEN', message: { zh, en } };
}
