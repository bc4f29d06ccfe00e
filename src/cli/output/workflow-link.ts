/** The address of a workflow in the Temporal UI. */
export function workflowLink(
  uiUrl: string,
  namespace: string,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): string {
  return `${uiUrl.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
