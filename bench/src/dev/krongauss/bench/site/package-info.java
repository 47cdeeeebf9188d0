/**
 * The pages of this project as a site to open in a browser: {@link dev.krongauss.bench.site.Site}
 * is the command.
 *
 * <p>Pages are the Markdown files of the project ({@link dev.krongauss.bench.site.SitePages}),
 * which link one another as files, so that they read the same where the sources are shown; {@link
 * dev.krongauss.bench.site.MarkdownPage} makes HTML of one, {@link dev.krongauss.bench.site.Links}
 * finds what a link leads to, {@link dev.krongauss.bench.site.Formula} makes MathML of TeX, and
 * {@link dev.krongauss.bench.site.Layout} puts the frame around it. Nothing is fetched when a page
 * is opened.
 */
package dev.krongauss.bench.site;
