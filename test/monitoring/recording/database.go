// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// Series are the names of metrics with the labels that each has had.
type Series map[string]map[string]bool

// Database is a recording as Prometheus would have stored it.
type Database struct {
	Engine  *promql.Engine
	Storage *tsdb.DB
	Series  Series
}

// processStart has another value for each process.
const processStart = "process_start_time_seconds"

// maxSamples is what Prometheus itself allows a query.
const maxSamples = 50_000_000

// Open scrapes the pages of a recording into a database in a folder.
func (r *Recording) Open(ctx context.Context, dir string, target Target) (*Database, error) {
	options := tsdb.DefaultOptions()
	options.RetentionDuration = 0 // the recording is as old as it is
	db, err := tsdb.Open(dir, nil, nil, options, nil)
	if err != nil {
		return nil, fmt.Errorf("opening a database: %w", err)
	}
	// It would otherwise work in the background, on what is too little to be worth it.
	db.DisableCompactions()
	d := &Database{Storage: db, Series: Series{}, Engine: NewEngine()}
	before, pods := map[uint64]labels.Labels{}, map[string]bool{}
	for _, page := range r.Pages {
		if start, answers := page.Lines[processStart]; answers {
			pods[start] = true
		}
		if before, err = d.scrape(ctx, page, target.pod(max(1, len(pods))), before); err != nil {
			return nil, errors.Join(fmt.Errorf("the page of %s: %w", page.At, err), db.Close())
		}
	}
	return d, nil
}

// NewEngine is the engine as Prometheus has it.
func NewEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: maxSamples, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
		Parser: parser.NewParser(parser.Options{}),
	})
}

// Close ends the engine and the database.
func (d *Database) Close() error { return errors.Join(d.Engine.Close(), d.Storage.Close()) }

// scrape stores a page. What was there on the page before and is not any more becomes stale.
func (d *Database) scrape(ctx context.Context, page Page, target Target, before map[uint64]labels.Labels) (map[uint64]labels.Labels, error) {
	at := page.At.UnixMilli()
	appender := d.Storage.AppenderV2(ctx)
	now, err := d.store(appender, page.Text(), at, target)
	for hash, series := range before {
		if _, still := now[hash]; err == nil && !still {
			_, err = appender.Append(0, series, 0, at, math.Float64frombits(value.StaleNaN), nil, nil, storage.AppendV2Options{})
		}
	}
	if err != nil {
		return nil, errors.Join(err, appender.Rollback())
	}
	return now, appender.Commit()
}

func (d *Database) store(appender storage.AppenderV2, text []byte, at int64, target Target) (map[uint64]labels.Labels, error) {
	stored := map[uint64]labels.Labels{}
	page := textparse.NewPromParser(text, labels.NewSymbolTable(), false)
	for {
		entry, err := page.Next()
		if errors.Is(err, io.EOF) {
			return stored, nil
		}
		if err != nil {
			return nil, err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var own labels.Labels
		page.Labels(&own)
		_, _, v := page.Series()
		series := target.add(own)
		d.Series.note(series)
		if _, err := appender.Append(0, series, 0, at, v, nil, nil, storage.AppendV2Options{}); err != nil {
			return nil, fmt.Errorf("%s: %w", series, err)
		}
		stored[series.Hash()] = series
	}
}

// add gives a series the labels of the target, as a scrape does.
func (t Target) add(own labels.Labels) labels.Labels {
	all := map[string]string{}
	maps.Copy(all, t.Labels)
	own.Range(func(l labels.Label) {
		if _, both := t.Labels[l.Name]; both && !t.HonorLabels {
			all["exported_"+l.Name] = l.Value
			return
		}
		all[l.Name] = l.Value
	})
	return labels.FromMap(all)
}

func (s Series) note(series labels.Labels) {
	name := series.Get(model.MetricNameLabel)
	if s[name] == nil {
		s[name] = map[string]bool{}
	}
	series.Range(func(l labels.Label) { s[name][l.Name] = true })
}

// Range asks for all times of a recording, one step for each page, and returns what the engine remarks besides.
func (d *Database) Range(ctx context.Context, r *Recording, expr string) (promql.Matrix, []string, error) {
	query, err := d.Engine.NewRangeQuery(ctx, d.Storage, nil, expr, r.Begin(), r.End(), r.Every())
	if err != nil {
		return nil, nil, fmt.Errorf("reading a query: %w", err)
	}
	result := query.Exec(ctx)
	if result.Err != nil {
		return nil, nil, fmt.Errorf("asking: %w", result.Err)
	}
	warnings, infos := result.Warnings.AsStrings(expr, 0, 0)
	matrix, err := result.Matrix()
	if err != nil {
		return nil, nil, fmt.Errorf("asking: %w", err)
	}
	return matrix, append(warnings, infos...), nil
}
