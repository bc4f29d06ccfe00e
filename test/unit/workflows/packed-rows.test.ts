import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/workflows/lease/base64.ts';
import { packRows, unpackRows } from '../../../src/workflows/lease/packed-rows.ts';
import { readCarriedAdmission, readCarriedSemaphore } from '../../../src/workflows/lease/read-requests.ts';
import { byLane } from '../../support/lane.ts';

const tries = { numRuns: byLane({ test: 50, all: 2_000 }) };

/** A block as another implementation makes it. */
const block = (json: unknown): string =>
  deflateRawSync(typeof json === 'string' ? json : JSON.stringify(json))
    .toString('base64')
    .replaceAll('=', '');

it('base64 is that of others, without padding', () => {
  for (let length = 0; length < 20; length += 1) {
    const bytes = randomBytes(length);
    const text = toBase64(bytes);
    expect(text).toBe(bytes.toString('base64').replaceAll('=', ''));
    expect(Buffer.from(fromBase64(text)!)).toEqual(bytes);
  }
});

describe('packed rows', () => {
  it('are read as they were written, whatever the requests are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.uuid(), fc.constant('null'));
    const any = fc.record(
      {
        ...{ holder: text, workflowId: text, runId: text, namespace: text, priority: fc.integer(), since: text },
        ...{ requests: fc.record({ cpu: fc.double({ min: 0, max: 1e300, noNaN: true }), memory: fc.nat() }) },
        notified: fc.integer({ min: 1 }),
      },
      { requiredKeys: ['holder', 'workflowId', 'namespace', 'priority', 'requests', 'since', 'notified'] },
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 300 }), (given) => {
        const rows = JSON.parse(JSON.stringify(given)) as object[];
        const { blocks, count } = packRows(rows, 1_000_000);
        expect(count).toBe(rows.length);
        const { waiting, told } = readCarriedAdmission({ packed: blocks });
        expect(waiting.map((each, index) => ({ ...each, notified: told?.[index] }))).toEqual(rows);
      }),
      tries,
    );
  });

  it('take no more than the room that there is for them', () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => ({ holder: randomBytes(20).toString('hex'), index }));
    for (const bytes of [0, 5_000, 20_000, 1_000_000]) {
      const { blocks, count } = packRows(rows, bytes);
      expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(bytes + 2);
      expect(unpackRows(blocks)).toEqual(rows.slice(0, count));
    }
  });
});

describe('packed rows that any client can have written', () => {
  const uuid = '0b5a1c9e-3f5d-8a6b-9c7d-1234567890ab';
  const rows = Array.from({ length: 100 }, (_, index) => ({
    holder: uuid,
    workflowId: `spark/x/${index}`,
    notified: index,
  }));
  const [valid = ''] = packRows(rows, 100_000).blocks;
  const [compressed = ''] = valid.split('.');

  it.each([
    ['no list', 'x'],
    ['no text', [1, null, {}, [], undefined]],
    ['no base64', ['ä', '====', 'A', 'AAAAA', valid.replace('A', '-')]],
    [
      'no compressed data',
      ['', 'AAAA', '////', compressed.slice(4), compressed.slice(0, -8), `${compressed.slice(0, 100)}AAAA`],
    ],
    ['no JSON', [block('{'), block('')]],
    ['no columns', [block(null), block([]), block(5), block('"text"'), block({ holder: 5, runId: { uuids: 5 } })]],
    [
      'no UUIDs',
      [block({ holder: { uuids: 0 } }), block({ holder: { uuids: { toString: 1 } } }), `${valid}.?`.slice(-20)],
    ],
  ])('give no rows where they are %s', (_, packed) => {
    expect(unpackRows(packed)).toEqual([]);
  });

  it('have what is of the right shape', () => {
    const uneven = block({ holder: ['a', 'b'], holds: [true], notified: [null, 1, null], runId: { uuids: 0 } });
    expect(unpackRows(['?', uneven])).toEqual([{ holder: 'a', holds: true }, { holder: 'b', notified: 1 }, {}]);
    const short = `${block({ holder: { uuids: 0 }, runId: { uuids: 1 } })}.${'A'.repeat(30)}.?`;
    expect(unpackRows([short])).toEqual([{ holder: '00000000-0000-0000-0000-000000000000' }]);
    expect(unpackRows([block('{"__proto__": ["x"]}')])).toEqual([JSON.parse('{"__proto__": "x"}')]);
    expect(unpackRows([block('{"a": ["x"]}'), valid])).toHaveLength(101);
  });

  it('are at most a hundred thousand, and of eight million bytes', () => {
    const many = block({ holder: Array.from({ length: 2_000 }, () => 'x') });
    expect(unpackRows(Array.from({ length: 1_000 }, () => many))).toHaveLength(100_000);
    const large = block({ holder: ['x'.repeat(6_000_000)] });
    expect(unpackRows([large, large, large, valid])).toHaveLength(101);
    expect(unpackRows([block('x'.repeat(50_000_000))])).toEqual([]);
  });

  it('throw nothing, however the characters of a block are changed', () => {
    const change = fc.tuple(fc.nat(valid.length - 1), fc.constantFrom(...'AZaz09+/'));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const characters = [...valid];
        for (const [index, character] of changes) characters[index] = character;
        expect(unpackRows([characters.join('')]).length).toBeLessThanOrEqual(250);
      }),
      tries,
    );
  });

  it('throw nothing, whatever JSON they are', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(fc.jsonValue()), (json, list) => {
        for (const packed of [json, list, [block(json)], [block({ holder: list, holds: json, uuids: list })]]) {
          readCarriedAdmission({ packed, waiting: json, told: list });
          readCarriedSemaphore({ packed, holders: list });
        }
      }),
      tries,
    );
  });
});
