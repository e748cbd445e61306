import type { SiteConfig } from '../config/fleetConfig.js';
import type { Market } from './market.js';
import { SpotMarket } from './market.js';

export type { Market, Trades } from './market.js';

/** The market that a site trades on, as it is configured. */
export const siteMarket = ({ exportShare }: Pick<SiteConfig, 'exportShare'>): Market => new SpotMarket(exportShare);
