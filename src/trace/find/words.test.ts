import { describe, expect, it } from 'vitest';
import { asksFor, filterOf, readWords, toggleMark, type Word } from './words';

const filter = (key: string, operator: '=' | '!=' | '=~' | '>' | '>=', value: string): Word => ({ kind: 'filter', key, operator, value });
const text = (words: string): Word => ({ kind: 'text', text: words });

describe('what stands in the field', () => {
  it.each<[string, Word[]]>([
    ['', []],
    ['order item', [text('order'), text('item')]],
    ['"invalid token"', [text('invalid token')]],
    ['app.level=gold user.id!="7 8"', [filter('app.level', '=', 'gold'), filter('user.id', '!=', '7 8')]],
    ['exception.type=~.*State.* code>=500', [filter('exception.type', '=~', '.*State.*'), filter('code', '>=', '500')]],
    ['>5ms', [filter('duration', '>', '5ms')]],
    ['error "error" S:', [{ kind: 'mark', mark: 'error' }, text('error'), { kind: 'mark', mark: 's:' }]],
    ['constructor toString', [text('constructor'), text('toString')]],
    ['a=b=c', [filter('a', '=', 'b=c')]],
  ])('%s', (query, words) => expect(readWords(query)).toEqual(words));

  it('asks nothing by a filter whose value is still to come', () => {
    for (const query of ['gold app.level=', 'gold app.level!', 'gold app.level=~', 'gold app.level>=', 'app.level!= gold']) {
      expect(readWords(query)).toEqual([text('gold')]);
    }
    expect(readWords('"inval')).toEqual([text('inval')]);
    expect(readWords('"')).toEqual([]);
  });

  it('reads whatever is typed', () => {
    const whole = 'a!="b c" d>=5ms "x y" e=~"\\\\" <> = ! ~ error';
    for (let i = 0; i <= whole.length; i++) {
      expect(() => readWords(whole.slice(0, i))).not.toThrow();
      expect(() => toggleMark(whole.slice(0, i), 'error')).not.toThrow();
    }
  });
});

describe('the pills', () => {
  it.each([
    ['', 'error'],
    ['order', 'order error'],
    ['"a  b" order', '"a  b" order error'],
  ])('put a word to %s and take it away', (query, marked) => {
    expect(toggleMark(query, 'error')).toBe(marked);
    expect(asksFor(marked, 'error')).toBe(true);
    expect(toggleMark(marked, 'error')).toBe(query);
  });

  it('leave plain text in quotes alone', () => {
    expect(asksFor('"error"', 'error')).toBe(false);
    expect(toggleMark('"error" ERROR slow', 'error')).toBe('"error" slow');
  });
});

it('asks the data source in the words of a search', () => {
  const asked = (query: string) => readWords(query).flatMap((word) => (word.kind === 'mark' ? [] : [filterOf(word)]));
  expect(asked('app.level="very gold" gold')).toEqual(['app.level=very gold', 'any_value=*gold*']);
  expect(asked('a|b\\c')).toEqual(['any_value=*a\\|b\\\\c*']);
  expect(asked('message=~.*token.*')).toEqual(['status_message=~.*token.*']);
});
