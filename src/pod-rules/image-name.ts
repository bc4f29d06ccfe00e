// What templates and shells replace.
const PLACEHOLDER = /\$\{[^}]{0,99}\}|\$\([^)]{0,99}\)|\{\{[^}]{0,99}\}\}|<[^>]{0,99}>/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const HOST_CHARACTERS = /^[A-Za-z0-9.-]+$/;

/** Why no registry can have an image of this name: the kubelet reports `InvalidImageName`. */
export function imageFault(image: string): string | undefined {
  const placeholder = PLACEHOLDER.exec(image)?.[0];
  if (placeholder !== undefined) return `contains ${placeholder}, which was not replaced`;
  if (/\s/.test(image)) return 'must not contain white space';
  const [named = '', digest, ...others] = image.split('@');
  if (others.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return 'has an invalid digest';
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  if (hasTag && !TAG.test(named.slice(colon + 1))) {
    return 'has an invalid tag: at most 128 letters, digits, "_", "." and "-"';
  }
  return repositoryFault(hasTag ? named.slice(0, colon) : named);
}

function repositoryFault(repository: string): string | undefined {
  if (repository.length > 255) return 'has a name of more than 255 characters';
  const [first = '', ...rest] = repository.split('/');
  const hasHost = rest.length > 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  if (hasHost && !isHost(first)) return `names a registry that is not a host: "${first}"`;
  const component = (hasHost ? rest : [first, ...rest]).find((each) => !COMPONENT.test(each));
  if (component === undefined) return undefined;
  return /[A-Z]/.test(component)
    ? `must be in lower case: "${component}"`
    : `has an invalid part of a name: "${component}"`;
}

function isHost(text: string): boolean {
  if (text.startsWith('[')) return /^\[[0-9a-fA-F:]{2,45}\](?::\d{1,5})?$/.test(text);
  const [host = '', port, ...others] = text.split(':');
  if (others.length > 0 || (port !== undefined && !/^\d{1,5}$/.test(port))) return false;
  return (
    HOST_CHARACTERS.test(host) &&
    host.split('.').every((part) => part !== '' && !part.startsWith('-') && !part.endsWith('-'))
  );
}
