import { sparkApplicationWorkflowId } from '../protocol/ids.ts';

/** Expands `<namespace>/<name>` and `<name>` (namespace "default") to the workflow id of the application; keeps other ids. */
export function workflowIdOf(application: string): string {
  const [first = '', second, ...more] = application.split('/');
  if (more.length > 0) return application;
  return second === undefined
    ? sparkApplicationWorkflowId('default', first)
    : sparkApplicationWorkflowId(first, second);
}
