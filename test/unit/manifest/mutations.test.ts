import fc from 'fast-check';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applicationSchema } from '../../../scripts/json-schema.ts';
import { ManifestError, parseManifest, parseManifests, type ManifestProblem } from '../../../src/manifest/index.ts';
import { byLane } from '../../support/lane.ts';
import { asStored } from './as-stored.ts';
import { crdValidator } from './crd.ts';
import { fullYaml, schedule, type Written } from './manifests.ts';
import { mutationsOf, text } from './mutations.ts';

const full = parse(fullYaml, { version: '1.1' }) as Written;
const scheduled = schedule({ template: full.spec });

/** Kubernetes' own types, which are accepted unchanged: the CRD is not compared below them. */
const KUBERNETES_TYPES = [
  ...['affinity', 'tolerations', 'podSecurityContext', 'securityContext', 'lifecycle', 'env', 'envFrom', 'dnsConfig'],
  ...['hostAliases', 'volumeMounts', 'volumes', 'sidecars', 'initContainers'],
];

const crd = {
  SparkApplication: crdValidator('SparkApplication', KUBERNETES_TYPES),
  ScheduledSparkApplication: crdValidator('ScheduledSparkApplication', KUBERNETES_TYPES),
};
const editorAccepts = new Ajv({ allowUnionTypes: true }).compile(applicationSchema());

type Outcome = { accepted: Written } | { problems: readonly ManifestProblem[] };

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { accepted: run() as Written };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    return { problems: error.problems };
  }
}

const mutated = mutationsOf(full, scheduled);
const runs = { numRuns: byLane({ test: 200, all: 2_000 }) };

describe('a mutated manifest', () => {
  it('is accepted, or rejected with problems that state what and where, and never breaks the parser', () => {
    fc.assert(
      fc.property(mutated, fc.boolean(), (manifest, prune) => {
        const outcome = outcomeOf(() => parseManifest(manifest, { prune }));
        if ('accepted' in outcome) return;
        for (const problem of outcome.problems) {
          expect(problem.message).not.toBe('');
          expect(problem.message).not.toMatch(/undefined|\[object|Invalid input/);
          expect(JSON.parse(JSON.stringify(problem))).toEqual(problem);
        }
      }),
      runs,
    );
  });

  it('is not accepted where a strict check against the CRD refuses it', () => {
    let accepted = 0;
    fc.assert(
      fc.property(mutated, (manifest) => {
        const outcome = outcomeOf(() => parseManifest(manifest));
        if (!('accepted' in outcome)) return;
        accepted++;
        const strict = crd[outcome.accepted.kind as keyof typeof crd];
        expect(strict(asStored(manifest)), JSON.stringify(strict.errors)).toBe(true);
      }),
      runs,
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it('is not accepted where an editor with our JSON Schema refuses it', () => {
    fc.assert(
      fc.property(mutated, (manifest) => {
        const outcome = outcomeOf(() => parseManifest(manifest));
        if ('accepted' in outcome) {
          expect(editorAccepts(asStored(manifest)), JSON.stringify(editorAccepts.errors)).toBe(true);
        }
      }),
      runs,
    );
  });

  it('once accepted is accepted again, unchanged', () => {
    fc.assert(
      fc.property(mutated, fc.boolean(), (manifest, prune) => {
        const outcome = outcomeOf(() => parseManifest(manifest, { prune }));
        if ('accepted' in outcome) expect(parseManifest(outcome.accepted)).toEqual(outcome.accepted);
      }),
      runs,
    );
  });

  it('fares the same as text, where each problem points at the value it shows', () => {
    fc.assert(
      fc.property(mutated, (manifest) => {
        const source = JSON.stringify(manifest, null, 2);
        const asData = outcomeOf(() => parseManifest(manifest));
        const asText = outcomeOf(() => parseManifests(source)[0]);
        if ('accepted' in asData) expect(asText).toEqual(asData);
        expect('accepted' in asText).toBe('accepted' in asData);
        if ('accepted' in asData || 'accepted' in asText) return;
        // Only of a text is it known that a tool should have replaced the value.
        if (asText.problems.some(({ code }) => code === 'unrendered')) return;
        const keys = (problems: readonly ManifestProblem[]) =>
          problems.map(({ pathText, code }) => `${pathText} ${code}`);
        expect(keys(asText.problems).sort()).toEqual(keys(asData.problems).sort());
        const lines = source.split('\n');
        for (const { line = 0, column = 0, value, code } of asText.problems) {
          const rest = lines[line - 1]?.slice(column - 1);
          expect(rest).toBeTruthy();
          if (code === 'unknown_field' || code === 'invalid_key' || value === undefined) continue;
          if (typeof value === 'string' && value.endsWith('…')) continue;
          expect(rest?.startsWith(JSON.stringify(value))).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a mutated text', () => {
  const edits = fc.array(
    fc.tuple(
      fc.nat(),
      fc.nat({ max: 40 }),
      fc.oneof(text, fc.constantFrom('\n', '\t', ': ', '- ', '&a ', '*a ', '<<: *a', '---\n', '"', '{', '[')),
    ),
    { minLength: 1, maxLength: 5 },
  );

  it('is accepted, or refused with problems, and never breaks the parser', () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const source = changes.reduce((text, [at, length, insert]) => {
          const start = at % text.length;
          return text.slice(0, start) + insert + text.slice(start + length);
        }, fullYaml);
        const lines = source.split('\n').length;
        const outcome = outcomeOf(() => parseManifests(source));
        if ('accepted' in outcome) return;
        for (const { line = 0, column = 0, message } of outcome.problems) {
          expect(message).not.toBe('');
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('of any characters at all never breaks the parser', () => {
    fc.assert(
      fc.property(text, (source) => void outcomeOf(() => parseManifests(source))),
      { numRuns: 150 },
    );
  });
});
