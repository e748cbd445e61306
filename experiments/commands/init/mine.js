/**
 * A scheduler of your own: a job goes where energy is cheapest now among the sites that are free when it arrives, else to the
 * one that is free first. Try it alone with
 *   npx jouleflow evaluate --scheduler FOLDER/mine.js --config FOLDER/fleet.yaml
 *
 * @param {import('jouleflow').FleetConfig} fleet what was configured
 * @returns {import('jouleflow').Scheduler}
 */
export default function mine(fleet) {
  const sites = fleet.sites.map((_, site) => site);
  const decision = { site: 0, steps: 0 };
  return {
    name: 'mine',
    // Called before each day with a seed, for schedulers that draw random numbers.
    reset() {},
    // `view` is what is known when the job arrives.
    decide(job, view) {
      // As many denoising steps as is usual.
      const kind = view.desk.kindOf(job);
      decision.steps = kind.stepsAt(kind.usualLevel);
      const arrival = view.jobs.arrivalSeconds[job];
      const free = sites.filter((site) => view.earliestFree(site) <= arrival);
      const cost = free.length > 0 ? (site) => view.marginalUsdPerKwh(site) : (site) => view.earliestFree(site);
      decision.site = (free.length > 0 ? free : sites).reduce((best, site) => (cost(site) < cost(best) ? site : best));
      return decision;
    },
  };
}
