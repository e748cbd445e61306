import type { EnergyBlock } from '../site/storage/index.js';

/** What a kWh costs a site, at a market price given in USD per kWh (or in any unit of money: all is linear in it). */
export interface Market {
  /** Whether the site uses its renewables; where it is paid to import, it curtails them. */
  usesRenewables(price: number): boolean;
  /** What a kWh is sold for, as a share of the price; 0 where the surplus cannot be sold. */
  sellingShare(price: number): number;
  /** What one more kWh of load costs; `surplus`: while renewables exceed the load, so that it would have been sold. */
  marginal(price: number, surplus: boolean): number;
  importCost(kwh: number, price: number): number;
  exportRevenue(kwh: number, price: number): number;
  /** The ways in which a linear program may balance a site's power. */
  trades(price: number): Trades;
  /** A stretch of time at one price and load, as the value of stored energy is planned over. */
  block(time: { readonly hours: number; readonly price: number; readonly loadKw: number; readonly renewableKw: number }): EnergyBlock;
}

/**
 * Of a linear program's block of time: what a kW bought costs and a kW sold brings, per hour; `sells` tells whether selling
 * is possible at all, and `usesRenewables` whether renewables are in the balance rather than curtailed.
 */
export interface Trades {
  readonly importCost: number;
  readonly exportWorth: number;
  readonly sells: boolean;
  readonly usesRenewables: boolean;
}

/**
 * The spot market: energy is bought at the market price and sold at a share of it. At a negative price all renewables are
 * curtailed (the site is paid to import); at a price of zero or below nothing is sold.
 */
export class SpotMarket implements Market {
  readonly #exportShare: number;

  /** `exportShare`: selling price as a share of the market price; 0 is no export. */
  constructor(exportShare: number) {
    this.#exportShare = exportShare;
  }

  usesRenewables(price: number): boolean {
    return price >= 0;
  }

  sellingShare(price: number): number {
    return price > 0 ? this.#exportShare : 0;
  }

  marginal(price: number, surplus: boolean): number {
    return surplus && price > 0 ? price * this.#exportShare : price;
  }

  importCost(kwh: number, price: number): number {
    return kwh * price;
  }

  exportRevenue(kwh: number, price: number): number {
    return kwh * price * this.#exportShare;
  }

  trades(price: number): Trades {
    return { importCost: price, exportWorth: price * this.#exportShare, sells: this.sellingShare(price) > 0, usesRenewables: this.usesRenewables(price) };
  }

  block({ hours, price, loadKw, renewableKw }: { hours: number; price: number; loadKw: number; renewableKw: number }): EnergyBlock {
    const { importCost, exportWorth, sells, usesRenewables } = this.trades(price);
    return { hours, netKw: loadKw - (usesRenewables ? renewableKw : 0), importUsdPerKwh: importCost, exportUsdPerKwh: sells ? exportWorth : null };
  }
}
