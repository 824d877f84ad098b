// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package names checks that a query asks for what there is. Prometheus itself answers nothing to the rest.
package names

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/access-codes/access-code-operator/test/monitoring/recording"
)

// set is a set of labels.
type set map[string]bool

// Check returns the labels that the result of an expression may have, sorted. The error names every metric and every
// label in it that there is not.
func Check(expr parser.Expr, there recording.Series) ([]string, error) {
	c := &check{there: there}
	found := c.of(expr)
	return slices.Sorted(maps.Keys(found)), errors.Join(c.errs...)
}

type check struct {
	there recording.Series
	errs  []error
}

func (c *check) complain(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *check) of(node parser.Node) set {
	switch n := node.(type) {
	case *parser.VectorSelector:
		return c.selector(n)
	case *parser.AggregateExpr:
		return c.aggregation(n)
	case *parser.BinaryExpr:
		return c.binary(n)
	case *parser.Call:
		return c.call(n)
	default:
		return c.children(node)
	}
}

// children have together what goes through.
func (c *check) children(node parser.Node) set {
	all := set{}
	for child := range parser.ChildrenIter(node) {
		maps.Copy(all, c.of(child))
	}
	return all
}

func (c *check) selector(s *parser.VectorSelector) set {
	has, found := c.there[s.Name]
	if !found {
		c.complain("there is no metric %q", s.Name)
		return set{}
	}
	for _, matcher := range s.LabelMatchers {
		if matcher.Name != model.MetricNameLabel && !has[matcher.Name] {
			c.complain("%s has no label %q", s.Name, matcher.Name)
		}
	}
	return maps.Clone(set(has))
}

func (c *check) aggregation(a *parser.AggregateExpr) set {
	inner := c.of(a.Expr)
	c.demand(inner, a.Grouping, a.String())
	if a.Without {
		for _, name := range a.Grouping {
			delete(inner, name)
		}
		return inner
	}
	outer := set{}
	for _, name := range a.Grouping {
		outer[name] = true
	}
	return outer
}

func (c *check) binary(b *parser.BinaryExpr) set {
	left, right := c.of(b.LHS), c.of(b.RHS)
	if m := b.VectorMatching; m != nil {
		c.demand(left, m.MatchingLabels, b.String())
		c.demand(right, m.MatchingLabels, b.String())
	}
	maps.Copy(left, right)
	return left
}

func (c *check) call(f *parser.Call) set {
	found := c.children(f)
	if f.Func.Name == "histogram_quantile" {
		c.demand(found, []string{labels.BucketLabel}, f.String())
		delete(found, labels.BucketLabel)
	}
	return found
}

func (c *check) demand(has set, names []string, in string) {
	for _, name := range names {
		if !has[name] {
			c.complain("nothing has label %q in %s", name, in)
		}
	}
}
