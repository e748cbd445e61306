import { join } from 'node:path';
import { InputError, suggest } from '../src/io/errors.js';
import { genTd26File } from './arrivals.js';

/** A published file that this project reads, and where it goes in a data folder. */
export interface CatalogueFile {
  /** Path in a data folder. */
  readonly path: string;
  /** Address below `host`; pinned to a commit where one is known. */
  readonly address: string;
  /** Of the published bytes, where known. */
  readonly sha256?: string;
}

export interface CatalogueEntry {
  readonly name: string;
  readonly what: string;
  readonly format: string;
  readonly source: string;
  readonly licence: string;
  /** True if the file was seen at that address; false if the address follows from how the publisher's code names files. */
  readonly verified: boolean;
  /** Files; of those with regions and years, the ones asked for. */
  files(regions: readonly string[], years: readonly number[]): readonly CatalogueFile[];
}

export const host = 'https://raw.githubusercontent.com';

/** Regions of `price/`, which the default fleet's sites are in, and the years its presets are made for. */
export const defaultRegions = ['US-CAL-CISO', 'US-TEX-ERCO', 'US-MIDA-PJM'];
export const defaultYears = [2022, 2023];

const sustainCluster = 'HewlettPackard/sustain-cluster/main/data';
const priceChecksums: Readonly<Record<string, string>> = {
  'US-CAL-CISO_electricity_prices_2023.csv': 'fab46036ae7e8b08a67f456aba900e575893072eb6de1098421af329696b2291',
  'DE-LU_electricity_prices_2023.csv': 'fa210df29420414bf22289646544e3a0c52efe152ac9fc8b3b3bf875cdd301f0',
};

const perRegionAndYear =
  (file: (region: string, year: number) => CatalogueFile) =>
  (regions: readonly string[], years: readonly number[]): CatalogueFile[] =>
    regions.flatMap((region) => years.map((year) => file(region, year)));

const fixed =
  (...files: readonly CatalogueFile[]) =>
  (): readonly CatalogueFile[] =>
    files;

export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'prices',
    what: 'hourly market prices, one file per region and year',
    format: 'CSV: Datetime, Price (USD/MWh) or (EUR/MWh)',
    source: 'HewlettPackard/sustain-cluster, from market operators',
    licence: 'MIT',
    verified: false,
    files: perRegionAndYear((region, year) => {
      const name = `${region}_electricity_prices_${year}.csv`;
      const sha256 = priceChecksums[name];
      return { path: join('price', name), address: `${sustainCluster}/electricity_prices/processed/${region}/${year}/${name}`, ...(sha256 && { sha256 }) };
    }),
  },
  {
    name: 'carbon',
    what: 'hourly direct carbon intensity, one file per zone and year',
    format: 'CSV: Datetime (UTC), Carbon Intensity gCO₂eq/kWh (direct)',
    source: 'HewlettPackard/sustain-cluster, from Electricity Maps',
    licence: 'MIT (the data: Electricity Maps)',
    verified: false,
    files: perRegionAndYear((region, year) => {
      const name = `${region}_${year}_hourly.csv`;
      return { path: join('carbon', name), address: `${sustainCluster}/carbon_intensity/${region}/${year}/${name}` };
    }),
  },
  {
    name: 'weather',
    what: 'hourly temperature, cloud cover, wind and humidity, one file per site and year',
    format: 'JSON of Open-Meteo',
    source: 'HewlettPackard/sustain-cluster, from Open-Meteo',
    licence: 'MIT (the data: CC-BY-4.0)',
    verified: false,
    files: perRegionAndYear((region, year) => ({
      path: join('weather', `${region}_${year}.json`),
      address: `${sustainCluster}/weather/${region}/${year}.json`,
    })),
  },
  {
    name: 'generation',
    what: 'hourly generation by fuel in 2022: CAISO, ERCOT, PJM',
    format: 'CSV: timestamp, WND, SUN, ... in MW',
    source: 'HewlettPackard/dc-rl, from the EIA grid monitor',
    licence: 'MIT',
    verified: true,
    files: fixed(
      {
        path: join('renewables', 'eia_generation_2022', 'CISO_NG_avgCI_2022.csv'),
        address: 'HewlettPackard/dc-rl/6f66e82952a61272623105e464c70d3d6c534066/data/CarbonIntensity/CA_NG_%26_avgCI.csv',
        sha256: '0e6d562d4105e16e652cb48c8eb818a3110d063aca8cfa8a68fa24209db3aac4',
      },
      {
        path: join('renewables', 'eia_generation_2022', 'ERCO_NG_avgCI_2022.csv'),
        address: 'HewlettPackard/dc-rl/6f66e82952a61272623105e464c70d3d6c534066/data/CarbonIntensity/TX_NG_%26_avgCI.csv',
        sha256: '886432b2b988d9f4e280ee147dc45e095f6a4fffa30960a1254d4ee113bf2255',
      },
      {
        path: join('renewables', 'eia_generation_2022', 'PJM_NG_avgCI_2022.csv'),
        address: 'HewlettPackard/dc-rl/63d3dc8a6d1a48033cb7ba558e8eeebe4010ced1/data/CarbonIntensity/VA_NG_%26_avgCI.csv',
        sha256: '371fcbccb6b7d768df41bffd4496d58295a86e6821daf9528f013931a047d21d',
      },
    ),
  },
  {
    name: 'irradiance',
    what: 'typical meteorological years: San Jose, Dallas, Leesburg, New York',
    format: 'EPW',
    source: 'HewlettPackard/dc-rl, from EnergyPlus',
    licence: 'MIT',
    verified: true,
    files: fixed(
      ...[
        ['7f6d27d6bded6c7b9a0f89661c6e805896c21c78', 'USA_CA_San.Jose-Mineta.epw'],
        ['63d3dc8a6d1a48033cb7ba558e8eeebe4010ced1', 'USA_TX_Dallas-Fort.Worth.epw'],
        ['9de2a3d378d74cbfa948c95ef6058866d37836c4', 'USA_VA_Leesburg.Exec.epw'],
        ['63d3dc8a6d1a48033cb7ba558e8eeebe4010ced1', 'USA_NY_New.York-LaGuardia.epw'],
      ].map(([commit, name]) => ({
        path: join('renewables', 'epw_tmy', name!),
        address: `HewlettPackard/dc-rl/${commit}/data/Weather/${name}`,
      })),
    ),
  },
  {
    name: 'gentd26',
    what: 'requests to a production Stable Diffusion service, 26,823 over three weeks',
    format: 'CSV: gmt_create, ..., num_images_per_prompt, num_inference_steps',
    source: 'alibaba/clusterdata, cluster-trace-v2026-GenAI',
    licence: 'research use',
    verified: true,
    files: fixed({
      path: genTd26File,
      address: 'alibaba/clusterdata/7a6c496e4f4b6ce6150be8f881cb051bf2abff42/cluster-trace-v2026-GenAI/lora_request_trace.csv',
      sha256: '263fb88f1095f62d360cf89ded8cfc24fa2c5d111c1b16e7aaa9ccbfc4b37d78',
    }),
  },
  {
    name: 'azure-llm',
    what: 'requests to a language model, 19,366 in an hour',
    format: 'CSV: TIMESTAMP, ContextTokens, GeneratedTokens',
    source: 'Azure/AzurePublicDataset',
    licence: 'CC-BY-4.0',
    verified: true,
    files: fixed({
      path: join('workload', 'azure_llm_2023', 'AzureLLMInferenceTrace_conv.csv'),
      address: 'Azure/AzurePublicDataset/790921015d50dd6aae7f7e47f39ba0e235ad6b08/data/AzureLLMInferenceTrace_conv.csv',
      sha256: '2f1e5b666d4e3055fdbba98598ce2ec307767b9064e03e2fa46676dbcc7d0bf8',
    }),
  },
];

/** The catalogue's entries of these names, or all for none. Throws InputError for an unknown name. */
export function entriesNamed(names: readonly string[]): readonly CatalogueEntry[] {
  const known = catalogue.map(({ name }) => name);
  for (const name of names) if (!known.includes(name)) throw new InputError(`The catalogue has no "${name}".${suggest(name, known)}`);
  return names.length === 0 ? catalogue : catalogue.filter(({ name }) => names.includes(name));
}
