/** A workflow id as it is; `<namespace>/<name>` and `<name>` (namespace "default") mean an application's workflow. */
export function workflowIdOf(application: string): string {
  switch (application.split('/').length) {
    case 1:
      return `spark/default/${application}`;
    case 2:
      return `spark/${application}`;
    default:
      return application;
  }
}
