import { sparkApplicationWorkflowId } from '../protocol/ids.ts';

/** A workflow id as it is; `<namespace>/<name>` and `<name>` (namespace "default") mean an application's workflow. */
export function workflowIdOf(application: string): string {
  const [first = '', second, ...more] = application.split('/');
  if (more.length > 0) return application;
  return second === undefined
    ? sparkApplicationWorkflowId('default', first)
    : sparkApplicationWorkflowId(first, second);
}
