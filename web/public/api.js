/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Refused(0, 'The server does not answer; is "jouleflow serve" still running?');
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, answer?.error?.message ?? `The server answered ${response.status}.`);
  return answer;
}

const query = (run) => `?run=${encodeURIComponent(run)}`;

export const getRuns = () => call('GET', '/api/runs');
export const getRun = (run) => call('GET', `/api/run${query(run)}`);
export const getDay = (run) => call('GET', `/api/day${query(run)}`);
export const getCurves = (runs, metric) => call('POST', '/api/curves', { runs, metric });
export const compareRuns = (runs) => call('POST', '/api/compare', { runs });
export const deleteRuns = (runs) => call('DELETE', '/api/runs', { runs });
