import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../../validation/unknown-data.ts';

interface Use {
  readonly name: string;
  readonly limit: unknown;
  readonly at: ProblemPath;
  /** Semaphores that enclosing stages hold. */
  readonly around: readonly string[];
}

/**
 * A stage that waits for a semaphore which an enclosing stage holds may wait forever; and a semaphore has one limit per
 * pipeline. Other pipelines may set another limit: the latest request decides.
 */
export function checkSemaphores(spec: UnknownRecord, at: ProblemPath): Violation[] {
  const uses = usesIn(spec, at, []);
  const first = new Map<string, Use>();
  for (const use of uses) if (!first.has(use.name)) first.set(use.name, use);
  return uses.flatMap(({ name, limit, at, around }) => [
    ...(around.includes(name)
      ? [
          {
            path: [...at, 'name'],
            code: 'deadlock',
            message: `waits for the semaphore ${name}, which an enclosing stage holds`,
            remedy: 'acquire it either around the nested pipeline or within it',
          },
        ]
      : []),
    ...(limit === first.get(name)!.limit
      ? []
      : [
          {
            path: [...at, 'limit'],
            code: 'contradiction',
            message: `differs from the limit of other stages with the semaphore ${name}`,
            allowed: String(first.get(name)!.limit),
          },
        ]),
  ]);
}

function usesIn(spec: UnknownRecord, at: ProblemPath, around: readonly string[]): Use[] {
  return asList(spec['stages']).flatMap((each, index) => {
    const stage = asRecord(each);
    const { name, limit } = asRecord(stage['semaphore']);
    const own = asText(name);
    const path = [...at, 'stages', index];
    const holding = own === undefined ? around : [...around, own];
    return [
      ...(own === undefined ? [] : [{ name: own, limit, at: [...path, 'semaphore'], around }]),
      ...usesIn(asRecord(stage['pipeline']), [...path, 'pipeline'], holding),
    ];
  });
}
