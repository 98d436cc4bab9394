// How the store is spoken to is part of its URL: one place to read it from, for provisioning
// and for the editor.

export type Protocol = 'http' | 'https' | 'native' | 'nativeTls';

const ports: Record<Protocol, string> = { http: '8123', https: '8443', native: '9000', nativeTls: '9440' };
const schemes: Record<Protocol, string> = { http: 'http', https: 'https', native: 'clickhouse', nativeTls: 'clickhouse' };

const parts = /^([a-z]+):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?$/i;

/** The protocol of a URL; HTTP where it says none. */
export function protocolOf(url: string): Protocol {
  const [, scheme = 'http', , , query = ''] = parts.exec(url.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'https':
      return 'https';
    case 'clickhouse':
    case 'native':
    case 'tcp':
      return /[?&]secure=(true|1)\b/.test(query) ? 'nativeTls' : 'native';
    default:
      return 'http';
  }
}

/** The URL with another protocol; a port that was the old protocol's usual one becomes the new one's. */
export function withProtocol(url: string, to: Protocol): string {
  const from = protocolOf(url);
  const [, , host = '', path = ''] = parts.exec(url.trim()) ?? [];
  if (!host) {
    return '';
  }
  const moved = host.endsWith(`:${ports[from]}`) ? `${host.slice(0, -ports[from].length)}${ports[to]}` : host;
  const native = to === 'native' || to === 'nativeTls';
  return `${schemes[to]}://${moved}${native ? '' : path}${to === 'nativeTls' ? '?secure=true' : ''}`;
}

/** What stands in the empty field. */
export const exampleOf = (protocol: Protocol): string =>
  protocol === 'http' ? 'http://127.0.0.1:20418/clickhouse/' : withProtocol('http://clickhouse:8123', protocol);
