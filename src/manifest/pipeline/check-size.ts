import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../../validation/unknown-data.ts';
import { bytesText, EXPRESSIONS_LIMIT, jsonBytes, MANIFEST_LIMIT, STAGE_BYTES, TEMPLATES_LIMIT } from '../size.ts';

/**
 * A run must be able to pass its manifest and the state of each stage to the run that continues it; and it must be
 * checked in a short time.
 */
export function checkSize(spec: unknown, at: ProblemPath): Violation[] {
  const stages = asList(asRecord(spec)['stages']).length;
  const bytes = jsonBytes(spec) + stages * STAGE_BYTES;
  if (bytes <= MANIFEST_LIMIT) return checkWork(asRecord(spec), at);
  return [
    {
      path: at,
      code: 'too_large',
      message: `takes ${bytesText(bytes)}, including the state of its ${stages} stages; the limit is ${bytesText(MANIFEST_LIMIT)}`,
      remedy: 'turn similar stages into a fan-out, let them share a template, or move some of them to another pipeline',
    },
  ];
}

/** A template is checked once for each stage that uses it. */
function checkWork(spec: UnknownRecord, at: ProblemPath): Violation[] {
  const templates = Object.entries(asRecord(spec['templates'])).map(
    ([name, value]) => [name, { bytes: jsonBytes(value), expressions: expressionsIn(value) }] as const,
  );
  const sizes = new Map(templates);
  let bytes = 0;
  let expressions = expressionsIn(spec);
  for (const stage of asList(spec['stages'])) {
    const size = sizes.get(asText(asRecord(stage)['template']) ?? '');
    bytes += size?.bytes ?? 0;
    expressions += size?.expressions ?? 0;
  }
  const tooLarge = (message: string): Violation => ({
    path: [...at, 'stages'],
    code: 'too_large',
    message,
    remedy: 'make the templates smaller, turn similar stages into a fan-out, or move some of them to another pipeline',
  });
  if (bytes > TEMPLATES_LIMIT) {
    return [tooLarge(`use templates of ${bytesText(bytes)} in total; the limit is ${bytesText(TEMPLATES_LIMIT)}`)];
  }
  return expressions > EXPRESSIONS_LIMIT
    ? [tooLarge(`contain ${expressions} expressions, with those of their templates; the limit is ${EXPRESSIONS_LIMIT}`)]
    : [];
}

function expressionsIn(value: unknown): number {
  return (JSON.stringify(value) ?? '').split('${{').length - 1;
}
