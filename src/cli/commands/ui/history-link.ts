const DEADLINE_MS = 5_000;

export interface HistoryLink {
  readonly link: string;
  /** Why the link may not work. */
  readonly problem?: string;
}

/** The page of an application in a Spark History Server, which is asked whether it has it. */
export async function historyLink(server: string, sparkApplicationId: string): Promise<HistoryLink> {
  const id = encodeURIComponent(sparkApplicationId);
  const link = `${server}/history/${id}/`;
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const response = await fetch(`${server}/api/v1/applications/${id}`, { signal, redirect: 'manual' });
    await response.body?.cancel();
    if (response.status !== 404) return { link };
    return {
      link,
      problem:
        `The history server does not list ${sparkApplicationId}: it may not have read the event log yet, ` +
        'or its spark.history.fs.logDirectory is another directory.',
    };
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    return { link, problem: `The history server was not checked: ${why}.` };
  }
}
