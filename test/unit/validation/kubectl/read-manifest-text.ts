import { readDocuments } from '../../../../src/manifest/documents.ts';
import { plainData } from '../../../../src/validation/plain-data.ts';
import type { KubectlReading } from './read-with-kubectl.ts';

/** What a text holds by our reading, up to the first document that is rejected. */
export function readManifestText(text: string): { documents: unknown[]; isRejected: boolean } {
  const { documents, problems } = readDocuments(text);
  const plain = documents.map(({ value }) => ({ value, problems: plainData(value).problems }));
  const isRejected = problems.length > 0 || plain.some((each) => each.problems.length > 0);
  return { documents: plain.filter((each) => each.problems.length === 0).map(({ value }) => value), isRejected };
}

/** Whether kubectl rejected a document: a text without one is no error here. */
export const isRejected = ({ error = '' }: KubectlReading): boolean =>
  error !== '' && !error.includes('no objects passed');
