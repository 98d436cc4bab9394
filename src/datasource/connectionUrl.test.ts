import { describe, expect, it } from 'vitest';
import { exampleOf, protocolOf, withProtocol } from './connectionUrl';

describe('the protocol of a URL', () => {
  it.each([
    ['', 'http'],
    ['http://clickhouse:8123', 'http'],
    ['https://clickhouse:8443', 'https'],
    ['clickhouse://clickhouse:9000', 'native'],
    ['tcp://clickhouse', 'native'],
    ['clickhouse://clickhouse:9440?secure=true', 'nativeTls'],
    ['what is this', 'http'],
  ])('%s is %s', (url, protocol) => expect(protocolOf(url)).toBe(protocol));

  it('changes with its usual port; another port stays', () => {
    expect(withProtocol('http://clickhouse:8123', 'native')).toBe('clickhouse://clickhouse:9000');
    expect(withProtocol('clickhouse://clickhouse:9000', 'nativeTls')).toBe('clickhouse://clickhouse:9440?secure=true');
    expect(withProtocol('clickhouse://clickhouse:9440?secure=true', 'https')).toBe('https://clickhouse:8443');
    expect(withProtocol('http://server:20418/clickhouse/', 'https')).toBe('https://server:20418/clickhouse/');
    expect(withProtocol('http://[::1]:8123', 'native')).toBe('clickhouse://[::1]:9000');
    expect(withProtocol('', 'native')).toBe('');
  });

  it('has an example', () => expect(exampleOf('nativeTls')).toBe('clickhouse://clickhouse:9440?secure=true'));
});
