import type { FoundProblem, ManifestProblem, ProblemPath } from '../validation/problem.ts';
import { pathText, valueAt } from '../validation/problems.ts';
import { asRecord, isRecord } from '../validation/unknown-data.ts';
import { readYaml, type TextProblem, type YamlDocument } from '../validation/yaml.ts';
import { quotesTemplate } from './unrendered.ts';

/** A document of a text, or an item of a list in one. */
export interface ManifestDocument {
  /** Of the document in the text, counted from 1. */
  readonly index: number;
  readonly value: unknown;
  /** The problem with its position in the text. */
  readonly place: (found: FoundProblem) => TextProblem;
  readonly sourceOf: (path: ProblemPath) => string | undefined;
  /** Whether what stands at a path, or a key on the way, is an expression of a template. */
  readonly isTemplated: (path: ProblemPath) => boolean;
}

/** The documents of a text as kubectl reads them: those of a `List` or `SparkApplicationList` one by one. */
export function readDocuments(text: string): {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly TextProblem[];
  readonly repeatedKeys: readonly TextProblem[];
} {
  const { documents, problems, repeatedKeys } = readYaml(text);
  return { documents: documents.flatMap(itemsOf), problems, repeatedKeys };
}

function itemsOf(document: YamlDocument): ManifestDocument[] {
  const { apiVersion, kind, items: listed } = asRecord(document.value);
  const items = kind === 'List' ? (listed ?? []) : listed;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) {
    return [within(document, [], document.value)];
  }
  // What `kubectl get --raw` prints leaves these out of the items.
  const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item: unknown, index) =>
    within(document, ['items', index], isRecord(item) ? { ...own, ...item } : item),
  );
}

function within(document: YamlDocument, at: ProblemPath, value: unknown): ManifestDocument {
  return {
    index: document.index,
    value,
    place: ({ path, ...found }) => {
      const full = [...at, ...path];
      const isKey = found.code === 'unknown_field' || found.code === 'invalid_key';
      return {
        ...{ document: document.index, path: full, ...found, pathText: pathText(full) },
        ...document.positionOf(full, isKey),
      };
    },
    sourceOf: (path) => document.sourceOf([...at, ...path]),
    isTemplated: (path) => quotesTemplate(valueAt(value, path)) || path.some(quotesTemplate),
  };
}

export const byPosition = (a: ManifestProblem, b: ManifestProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
