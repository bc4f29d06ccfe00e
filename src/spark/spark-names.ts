/**
 * The start of generated names, as Spark derives it: lower case, what DNS does not allow replaced, a leading digit
 * avoided. It has no two hyphens in a row. Not cut: see `SubmissionIdentity.resourceNamePrefix` for ours.
 */
export function resourceNamePrefix(name: string): string {
  return dnsCharacters(name)
    .replace(/^-/, '')
    .replace(/^[0-9]/, 'x');
}

/** The value of the label `spark-app-name`. */
export function appNameLabel(appName: string): string {
  return dnsCharacters(appName).slice(0, 63).replace(/^-/, '').replace(/-$/, '');
}

function dnsCharacters(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/-+/g, '-');
}
