import { checkFile, type FileReport } from './check-file.ts';
import type { FileBatch } from './check-in-threads.ts';

/** Runs in a thread. */
export async function checkBatch({ files, options }: FileBatch): Promise<readonly FileReport[]> {
  const reports: FileReport[] = [];
  for (const file of files) reports.push(await checkFile(file, options));
  return reports;
}
