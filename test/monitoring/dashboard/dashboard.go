// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package dashboard reads as much of Grafana's JSON as the tests and the picture need.
package dashboard

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// Columns is how wide Grafana's grid is.
const Columns = 24

// The types of panels that are known here.
const (
	Row        = "row"
	TimeSeries = "timeseries"
	Stat       = "stat"
)

// Dashboard is a dashboard of Grafana's.
type Dashboard struct {
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Templating struct {
		List []Variable `json:"list"`
	} `json:"templating"`
	Panels []Panel `json:"panels"`
}

// Variable is what the user chooses at the top.
type Variable struct {
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Query      string     `json:"query"`
	Datasource Datasource `json:"datasource"`
}

// Datasource is what is asked.
type Datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// Panel is one picture, or the head of a row.
type Panel struct {
	ID          int        `json:"id"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Collapsed   bool       `json:"collapsed"`
	Datasource  Datasource `json:"datasource"`
	GridPos     Place      `json:"gridPos"`
	FieldConfig struct {
		Defaults struct {
			Unit  string `json:"unit"`
			Color struct {
				Mode string `json:"mode"`
			} `json:"color"`
			Custom struct {
				Stacking struct {
					Mode string `json:"mode"`
				} `json:"stacking"`
			} `json:"custom"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
	Options struct {
		TextMode string `json:"textMode"`
	} `json:"options"`
	Targets []Target `json:"targets"`
}

// Place is where a panel stands and how large it is, in columns and rows of the grid.
type Place struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

// Overlaps says whether two panels cover each other.
func (p Place) Overlaps(o Place) bool {
	return p.X < o.X+o.W && o.X < p.X+p.W && p.Y < o.Y+o.H && o.Y < p.Y+p.H
}

// Target is a query with the name that its series get.
type Target struct {
	RefID        string     `json:"refId"`
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat"`
	Instant      bool       `json:"instant"`
	Datasource   Datasource `json:"datasource"`
}

// Unit is what the values are in.
func (p *Panel) Unit() string { return p.FieldConfig.Defaults.Unit }

// Stacked says whether the series stand on each other.
func (p *Panel) Stacked() bool { return p.FieldConfig.Defaults.Custom.Stacking.Mode == "normal" }

// Read reads a file.
func Read(path string) (*Dashboard, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, fmt.Errorf("reading a dashboard: %w", err)
	}
	var d Dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return &d, nil
}

// rateScrapes is how many scrapes Grafana has $__rate_interval hold.
const rateScrapes = 4

// Filled is an expression as Grafana sends it where nothing is chosen: all jobs, all namespaces.
func Filled(expr string, scraped time.Duration) string {
	return strings.NewReplacer(
		"$__rate_interval", (rateScrapes * scraped).String(), "$job", ".*", "$namespace", ".*",
	).Replace(expr)
}
