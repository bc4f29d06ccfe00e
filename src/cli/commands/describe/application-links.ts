import type { SparkApplicationDescription } from '../../../client/index.ts';
import { present } from '../../../validation/present.ts';
import { workflowLink } from '../../output/workflow-link.ts';
import { historyLink } from '../ui/history-link.ts';

/** Pages about an application. */
export interface ApplicationLinks {
  /** In Temporal's UI. */
  readonly temporal?: string;
  /** In the history server, which has it only if its event log was written. */
  readonly history?: string;
}

export interface LinkFlags {
  readonly uiUrl?: string;
  readonly historyServer?: string;
}

/** @param namespace of Temporal */
export async function applicationLinks(
  { workflowId, runId, status, closeTime }: SparkApplicationDescription,
  namespace: string,
  { uiUrl, historyServer }: LinkFlags,
): Promise<ApplicationLinks> {
  const temporal = uiUrl === undefined ? undefined : workflowLink(uiUrl, namespace, { workflowId, runId });
  const { sparkApplicationId } = status ?? {};
  if (closeTime === undefined || historyServer === undefined || !sparkApplicationId) return present({ temporal });
  const { link, problem } = await historyLink(historyServer, sparkApplicationId);
  return present({ temporal, history: problem === undefined ? link : undefined });
}
