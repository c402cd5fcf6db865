import { cliErrors } from '../errors.js';

/** A URL of a backend as it was given; `SABOT_CLI_OPTION_INVALID` when it is none. */
export function validUrl(url: string): string {
  if (/^https?:\/\/[^/\s]/.test(url) && URL.canParse(url)) return url;
  throw cliErrors.error('OPTION_INVALID', {
    what: `cannot read from --url "${url}"`,
    why: 'it is no URL that begins with http:// or https://',
    remedy: 'Give a URL such as http://localhost:16686 or http://localhost:9090.',
  });
}
