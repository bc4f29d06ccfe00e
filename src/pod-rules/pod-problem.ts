import type { ProblemPath } from '../validation/problem.ts';

/** Why a value of a pod is refused, in the API server's words. */
export type PodProblemReason =
  'Duplicate value' | 'Forbidden' | 'Invalid value' | 'Not found' | 'Required value' | 'Too long' | 'Unsupported value';

/** One value of a pod that an API server refuses, or that no kubelet can run. */
export interface PodProblem {
  /** Where in the pod: `['spec', 'containers', 0, 'volumeMounts', 0, 'name']`. */
  readonly path: ProblemPath;
  readonly reason: PodProblemReason;
  /** Absent where it is a list or a map. */
  readonly value?: string | number | boolean;
  /** What the value must be. */
  readonly detail?: string;
  /** The place in the pod that the value contradicts or repeats. */
  readonly other?: ProblemPath;
  readonly remedy?: string;
  /** The API server takes the pod, and the kubelet cannot run it. @default false */
  readonly byKubelet?: boolean;
}

type Value = string | number | boolean | undefined;

/** What is wrong with a text; undefined where nothing is. */
export type Grammar = (text: string) => string | undefined;

/** Collects the problems of one pod. */
export class PodProblems {
  readonly found: PodProblem[] = [];

  invalid(path: ProblemPath, value: Value, detail: string, more: Partial<PodProblem> = {}): void {
    this.add({ path, reason: 'Invalid value', ...shown(value), detail, ...more });
  }

  /** Reports what a grammar finds wrong with a text that is there. */
  check(path: ProblemPath, text: string | undefined, grammar: Grammar): void {
    if (text === undefined) return;
    const fault = grammar(String(text));
    if (fault !== undefined) this.invalid(path, text, fault);
  }

  /** The same of a text that must be there. */
  name(path: ProblemPath, text: string | undefined, grammar?: Grammar): void {
    if (text === undefined || text === '') this.required(path);
    else if (grammar !== undefined) this.check(path, text, grammar);
  }

  inRange(path: ProblemPath, value: number | undefined, minimum: number, maximum: number): void {
    if (value === undefined || (value >= minimum && value <= maximum)) return;
    this.invalid(path, value, `must be between ${minimum} and ${maximum}, inclusive`);
  }

  required(path: ProblemPath, detail?: string): void {
    this.add({ path, reason: 'Required value', ...(detail !== undefined && { detail }) });
  }

  forbidden(path: ProblemPath, detail: string): void {
    this.add({ path, reason: 'Forbidden', detail });
  }

  duplicate(path: ProblemPath, value: Value, other: ProblemPath): void {
    this.add({ path, reason: 'Duplicate value', ...shown(value), other });
  }

  notFound(path: ProblemPath, value: Value, remedy: string): void {
    this.add({ path, reason: 'Not found', ...shown(value), remedy });
  }

  /** Reports a value that is not one of those supported; an absent one is the server's default. */
  oneOf(path: ProblemPath, value: string | undefined, supported: readonly string[]): void {
    if (value === undefined || value === '' || supported.includes(value)) return;
    const detail = `supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`;
    this.add({ path, reason: 'Unsupported value', value, detail });
  }

  add(problem: PodProblem): void {
    this.found.push(problem);
  }
}

const shown = (value: Value): { value?: string | number | boolean } => (value === undefined ? {} : { value });

/** The problem as the API server prints it, without its path. */
export function podProblemText({ reason, value, detail }: PodProblem): string {
  return [reason, ...(value === undefined ? [] : [JSON.stringify(value)]), ...(detail ? [detail] : [])].join(': ');
}

/** The items of a list that are maps, with their index: a template may hold anything. */
export function* items<T extends object>(list: readonly T[] | undefined): Generator<readonly [index: number, item: T]> {
  if (!Array.isArray(list)) return;
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index] as T | null;
    if (typeof item === 'object' && item !== null) yield [index, item];
  }
}

/** The strings of a list, with their index. */
export function* texts(list: readonly string[] | undefined): Generator<readonly [index: number, text: string]> {
  if (!Array.isArray(list)) return;
  for (let index = 0; index < list.length; index += 1) yield [index, String(list[index])];
}

/** The entries of a map of strings. */
export const entriesOf = (map: Readonly<Record<string, string>> | undefined): [key: string, value: string][] =>
  typeof map === 'object' && map !== null ? Object.entries(map) : [];
